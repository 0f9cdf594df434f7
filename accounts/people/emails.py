"""Email addresses: one spelling for each mailbox, and how it is shown.

A domain is kept as it travels, in ASCII (IDNA 2008 by way of UTS #46): bücher.example is xn--bcher-kva.example.
The part before the @ is ASCII: servers that take other letters there (SMTPUTF8, RFC 6531) are too few to rely on.
"""

import re

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.people import lookalikes, scripts
from inputs import text as typed

MOST = 254  # characters as it travels (RFC 5321, 4.5.3.1.3, less the angle brackets)
MOST_RAW = 4 * MOST
INVALID = "Enter an email address like name@example.com."


def normalise(text: str) -> str:
    """As it is stored: lower case throughout, the domain in ASCII. What is no address comes back in lower case only.

    Two people never share a mailbox that differs by case only.
    """
    plain = typed.email(text) if len(text) <= MOST_RAW else ""
    local, at, domain = plain.rpartition("@")
    if not at or domain.isascii():
        return plain.lower()
    try:
        return f"{local.lower()}@{idna.encode(domain, uts46=True, std3_rules=True).decode('ascii').lower()}"
    except (idna.IDNAError, UnicodeError):
        return plain.lower()


def clean(text: str) -> str:
    """The address as it is stored. Raises ValidationError that says what is wrong with it."""
    if len(text) > MOST_RAW:
        raise ValidationError(INVALID, code="invalid")
    if typed.has_control(text.strip()):
        raise ValidationError("Take out the invisible characters: an email address has none.", code="invalid")
    email = normalise(text)
    local, _, domain = email.rpartition("@")
    if not local.isascii():
        raise ValidationError(
            "We can’t send mail to this address: the part before the @ may only have the letters a to z, digits and"
            " signs. Enter another address of yours.",
            code="ascii",
        )
    if not domain.isascii():
        raise ValidationError("No such mail domain can exist. Check what stands after the @.", code="domain")
    if len(email) > MOST or not email.isprintable():
        raise ValidationError(INVALID, code="invalid")
    validate_email(email)
    return email


def shown(email: str) -> str:
    """The address as its owner writes it; as it is stored, where letters of its domain pass for Latin ones."""
    local, _, domain = email.rpartition("@")
    if not re.search(r"(^|\.)xn--", domain):
        return email
    try:
        readable = idna.decode(domain)
        is_same = idna.encode(readable).decode("ascii") == domain
    except (idna.IDNAError, UnicodeError):
        return email
    return f"{local}@{readable}" if is_same and all(map(_is_safe, readable.split("."))) else email


def _is_safe(label: str) -> bool:
    """Whether the label is of one script and, unless that is Latin, could not be read as a Latin one (UTS #39, 4)."""
    letters = [character for character in label if character.isalpha()]
    if not all(map(scripts.of, letters)) or not scripts.are_written_together(letters):
        return False
    return all("Latn" in scripts.of(letter) for letter in letters) or not lookalikes.letters(label).isascii()
