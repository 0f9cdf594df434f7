"""Account numbers: ten digits and two check digits (ISO 7064 MOD 97-10, as in an IBAN)."""

import secrets

from stdnum.iso7064 import mod_97_10

LENGTH = 12


def new() -> str:
    """At random."""
    digits = f"{secrets.randbelow(10 ** (LENGTH - 2)):0{LENGTH - 2}}"
    return digits + mod_97_10.calc_check_digits(digits)


def is_number(digits: str) -> bool:
    return len(digits) == LENGTH and bool(mod_97_10.is_valid(digits))


class WrongNumber(ValueError):
    """Nobody can have this number. What it says is for whoever typed it."""


def proofread(digits: str) -> None:
    """Raises WrongNumber for digits that are no account number, without looking for one."""
    if len(digits) != LENGTH:
        raise WrongNumber(f"An account number has {LENGTH} digits: this has {len(digits)}. Check it with them.")
    if not mod_97_10.is_valid(digits):
        raise WrongNumber("The check digits of this account number don’t match: look for a typo in it.")
