"""What accounts refuses, under one base class."""

from datetime import datetime


class AccountsError(Exception):
    """The base of every refusal of this app."""


class WrongSecret(AccountsError):
    """The password, PIN or code is not right, or there is none to compare with."""


class CodeUsed(AccountsError):
    """The authenticator's code was right but has been accepted before (RFC 6238, 5.2): wait for the next one."""


class ProofOutdated(AccountsError):
    """What was proven no longer stands: a secret was changed, the session ended or the user was closed meanwhile."""


class ChangedMeanwhile(AccountsError):
    """Another window, or another browser, changed these secrets first. Nothing was changed by this request."""


class TooManyTries(AccountsError):
    """Too many failed sign-ins from one network, whoever they were for."""


class SecretLocked(AccountsError):
    """Too many wrong tries in a row (RTS Art. 4(3)). `until` is when the next try is allowed.

    `tried` is true for the wrong try that brought the lock, false for tries made while it lasts, which are not read.
    """

    def __init__(self, until: datetime, *, tried: bool = False) -> None:
        super().__init__(f"locked until {until:%H:%M:%S}")
        self.until = until
        self.tried = tried
