"""Account numbers: ten digits and two check digits (ISO 7064 MOD 97-10, as in an IBAN)."""

from stdnum.iso7064 import mod_97_10

LENGTH = 12


class WrongNumber(ValueError):
    """Nobody can have this number. What it says is for whoever typed it."""


def proofread(digits: str) -> None:
    """Raises WrongNumber for digits that are no account number, without looking for one."""
    if len(digits) != LENGTH:
        raise WrongNumber(f"An account number has {LENGTH} digits: this has {len(digits)}. Check it with them.")
    if not mod_97_10.is_valid(digits):
        raise WrongNumber("The check digits of this account number don’t match: look for a typo in it.")
