"""What the owner of an account is told about its security: which kinds there are, and who is told by whom.

Accounts know nothing of mail or of pages with news on them: `settings.TELLING` names the function that writes down, in
the caller's transaction, that somebody is to be told. Told and done are one, or neither.
"""

from enum import StrEnum
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import User


class News(StrEnum):
    """Kinds that nobody can silence."""

    NEW_BROWSER = "new_browser"
    RECOVERY_USED = "recovery_used"
    LOCKED = "locked"
    SECRET_CHANGED = "secret_changed"


def tell(user: User | UUID, news: News, **data: str) -> None:
    """In the caller's transaction. `data` is for the notice's words: never a secret."""
    import_string(settings.TELLING)(user.pk if isinstance(user, User) else user, news, **data)


def tell_or_not(user: User | None, news: News, *, asked: User | None = None, **data: str) -> None:
    """The same statements whether there is something to tell or not, in a transaction of the caller's.

    Before both factors were right nobody may count or time whether somebody is told (docs/adr/0034).
    """
    before = transaction.savepoint()
    tell(user or asked or uuid4(), news, **data)
    (transaction.savepoint_commit if user else transaction.savepoint_rollback)(before)
