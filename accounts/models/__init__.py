"""Who you are, what proves it, and the counters that stop guessing.

No row here holds a secret that can be read back: passwords and PINs are peppered hashes, recovery codes keyed digests,
mailed tokens and session keys digests, authenticator seeds are encrypted.
"""

from accounts.models.counters import Guard, Tally
from accounts.models.email_changes import EmailChange
from accounts.models.events import SecurityEvent
from accounts.models.mailed_links import MailedToken
from accounts.models.name_wishes import NameWish
from accounts.models.second_factors import Authenticator, EnrolmentCode, RecoveryCode
from accounts.models.sessions import Session, SessionQuerySet, StepUp
from accounts.models.users import User, UserManager

__all__ = [
    "Authenticator", "EmailChange", "EnrolmentCode", "Guard", "MailedToken", "NameWish", "RecoveryCode",
    "SecurityEvent", "Session", "SessionQuerySet", "StepUp", "Tally", "User", "UserManager",
]  # fmt: skip
