"""Reads the environment's variables for the settings, and refuses what cannot be meant by the variable's name.

Everything here raises ImproperlyConfigured, whose sentence is all that a start which fails says: see `one_line_errors`.
"""

import os
import re
from email import policy
from email.errors import HeaderParseError
from email.headerregistry import Address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from babel.numbers import list_currencies
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail.message import sanitize_address
from django.core.validators import EmailValidator

env = environ.Env()

NAME_LENGTH = 60  # of the site: it stands in headings, subjects, @handles that are kept, and authenticator apps
FROM_LENGTH = 320
LABEL = re.compile("[a-z0-9_-]+", re.IGNORECASE)
ADDRESS = re.compile(r"\[[0-9a-f:.]+\]", re.IGNORECASE)  # of IPv6
USUAL_PORTS = {"http": 80, "https": 443}
is_address = EmailValidator(allowlist=["localhost"])


def is_host(text: str) -> bool:
    """A name, its labels between single dots, or an address of IPv6 in brackets."""
    return all(map(LABEL.fullmatch, text.split("."))) or ADDRESS.fullmatch(text) is not None


def text(name: str, default: str = "") -> str:
    """A variable that is there and empty counts as not set: `NAME=` is how `.env.example` writes that."""
    value: str = env.str(name, default="") or default
    return value


def required(name: str) -> str:
    if not (value := text(name)):
        raise ImproperlyConfigured(f"{name} is not set: see .env.example for what it holds.")
    return value


def switch(name: str) -> bool:
    """Off when it is not set."""
    value = text(name).lower()
    if value not in (*env.BOOLEAN_TRUE_STRINGS, "", "0", "false", "off", "n", "no"):
        raise ImproperlyConfigured(f"{name} is {value!r}: it must be 1 or 0.")
    return value in env.BOOLEAN_TRUE_STRINGS


def whole(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within its bounds, both included, in ASCII digits: `int()` would also read "1_0" and "+5"."""
    value = text(name, str(default))
    if not re.fullmatch("[0-9]{1,18}", value) or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is {value!r}: it must be a number from {least} to {most}.")
    return int(value)


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    value = text(name, default).upper()
    if value not in options:
        raise ImproperlyConfigured(f"{name} is {value!r}: it must be one of {', '.join(options)}.")
    return value


def currency(name: str, default: str) -> str:
    if (code := text(name, default)) not in list_currencies():
        raise ImproperlyConfigured(f"{name} is {code!r}: it must be a currency of ISO 4217, like EUR.")
    return code


def time_zone(name: str, default: str) -> str:
    zone = text(name, default)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ImproperlyConfigured(f"{name} is {zone!r}: it must be a time zone like Europe/Paris.") from None
    return zone


# How it is served


def web_workers() -> int:
    return whole("WEB_WORKERS", max(2, min(os.cpu_count() or 2, 4)), least=1, most=64)


def web_threads() -> int:
    return whole("WEB_THREADS", 4, least=1, most=64)


# Where the site is


def origin(name: str, value: str, *, may_be_http: bool) -> str:
    """The value as scheme://host[:port] in lower case. The refusal does not repeat it: it may hold a password."""
    wrong = f"{name} is not of the form https://wallet.example.com: scheme and host, perhaps a port, and nothing else."
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ImproperlyConfigured(wrong) from None
    host = f"[{host}]" if ":" in host else host
    end = "" if port in (None, USUAL_PORTS.get(parts.scheme)) else f":{port}"
    # What is put together again must be what was said: no user, path, query, space or sign that urlsplit drops.
    said = {f"{parts.scheme}://{host}{ending}" for ending in ("", f":{port}")}
    if not is_host(host) or port == 0 or value.lower().removesuffix("/") not in said:
        raise ImproperlyConfigured(wrong)
    if parts.scheme != "https" and not (may_be_http and parts.scheme == "http"):
        raise ImproperlyConfigured(f"{name} must begin with https:// outside demo mode.")
    return f"{parts.scheme}://{host}{end}"


def host_of(site_url: str) -> str:
    """Without the port, and with the brackets of an IPv6 address: as ALLOWED_HOSTS writes it."""
    return re.sub(":[0-9]+$", "", site_url.partition("://")[2])


def hosts(name: str, default: list[str], *, any_host: bool) -> list[str]:
    """Each is one name or address. `any_host`: wildcards too, where nobody is on the other side."""
    found: list[str] = env.list(name, default=[]) or default
    if not found:
        raise ImproperlyConfigured(f"{name} is not set: see .env.example for what it holds.")
    if any_host:
        return found
    if any(host.startswith(("*", ".")) for host in found):
        raise ImproperlyConfigured(f"{name} names hosts one by one: no * and no leading dot.")
    if wrong := [host for host in found if not is_host(host)]:
        raise ImproperlyConfigured(f"{name} holds {wrong[0]!r}: it takes names only, without scheme, port or path.")
    return found


# What it is called, and how it writes


def site_name(name: str, default: str) -> str:
    """One line that can be read: it stands in headers of mails, in pages and in authenticator apps."""
    value = " ".join(word for word in text(name, default).split(" ") if word)
    is_read_otherwise = not value.isprintable() or "=?" in value  # which begins an encoded word in a header (RFC 2047)
    if is_read_otherwise or not any(map(str.isalnum, value)) or len(value) > NAME_LENGTH:
        raise ImproperlyConfigured(
            f"{name} must be a name in one line of at most {NAME_LENGTH} characters, with a letter or digit in it."
        )
    return value


def sender(name: str, site: str) -> str:
    """What stands in From: the site's name, quoted where it has to be, or the variable, which must be one address."""
    value = text(name) or str(Address(site, addr_spec="no-reply@localhost"))
    try:
        if not value.isprintable() or len(value) > FROM_LENGTH:
            raise ValueError("a header is one line, and not a long one")
        (found,) = policy.default.header_factory("From", value).addresses
        is_address(found.addr_spec)
        sanitize_address(value, "utf-8")  # what Django does with it, mail by mail
    except (ValueError, ValidationError, HeaderParseError, IndexError, AttributeError, TypeError):
        raise ImproperlyConfigured(
            f'{name} is {value!r}: it must be one address, like no-reply@example.com or "Bank, Inc." '
            f"<no-reply@example.com>, the name in quotation marks where it has signs in it."
        ) from None
    return value


def address(name: str, default: str) -> str:
    value = text(name, default)
    try:
        is_address(value)
    except ValidationError:
        raise ImproperlyConfigured(f"{name} is {value!r}: it must be an email address.") from None
    return value


def mail_server(name: str, default: str) -> dict[str, object]:
    """Django's EMAIL_… settings. The refusal does not repeat the URL: it may hold a password."""
    try:
        found: dict[str, object] = env.email_url_config(text(name, default))
        if str(found["EMAIL_BACKEND"]).endswith("smtp.EmailBackend") and not found["EMAIL_HOST"]:
            raise ValueError("nobody to hand mail to")
    except (ImproperlyConfigured, KeyError, ValueError):
        raise ImproperlyConfigured(f"{name} is not of the form smtp+tls://user:password@host:587.") from None
    return found
