"""A new password by a mailed link: the end of every session, and of every lock on the way in."""

from django.http import HttpRequest

from accounts import events
from accounts.entry import mailed_links
from accounts.entry.changing.change import changing, tell
from accounts.entry.signing_in import sign_in
from accounts.guard import rates
from accounts.models import Guard, MailedToken, User


def reset_password(request: HttpRequest, *, token: MailedToken, user: User, password: str) -> None:
    """A new password by a mailed link: every session ends, and so does every lock on the way in.

    Raises links.TokenSpent, or ChangedMeanwhile.
    """
    stamp = user.session_stamp
    user.set_password(password)
    with changing(user, stamp):
        mailed_links.spend(token)
        mailed_links.void(user)
        user.save(update_fields=["password", "session_stamp"])
        user.sessions.all().delete()
        lift_locks(user)
        events.record(request, user, events.Kind.PASSWORD_CHANGED)
        tell(user, events.Kind.PASSWORD_CHANGED)


def lift_locks(user: User) -> None:
    """Every lock on the way in ends: whoever knew the old password may have set those on codes, too.

    Browsers that were known have counters of their own, and are not known any more.
    """
    subjects = [user.id, rates.pseudonym("code", str(user.id)), rates.pseudonym("reset", str(user.id))]
    Guard.objects.filter(subject__in=subjects, kind__in=sign_in.GUARDED).delete()
