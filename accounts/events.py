"""The security log: what happened around a user's secrets, with time, address and device (ASVS 5, 16.3)."""

from uuid import UUID, uuid4

from django.db import connections, transaction
from django.http import HttpRequest

from accounts import telling
from accounts.guard import rates
from accounts.models import SecurityEvent, User
from web import visitors

Kind = SecurityEvent.Kind
SIGN_IN = "sign-in"  # as a notice calls what was locked
NOTHING_SECONDS = 900  # how long a count that nobody reads is kept together


def record_or_not(request: HttpRequest, user: User | None, kind: Kind | None, *, asked: User | None = None) -> None:
    """Append one event; where there is none to append, or nobody to append it to, only take as long as if there were.

    The same statements in either case: a line, whose user is looked up, taken back or kept, what the owner is told of
    a lock, taken back or kept, and a count that nobody reads, which is committed. `asked` is who it would have been
    about.
    """
    whose = user or asked
    with transaction.atomic():
        before = transaction.savepoint()
        _append(request, whose.id if whose else uuid4(), kind or Kind.SIGN_IN_REFUSED)
        _look_up(whose)
        (transaction.savepoint_commit if user and kind else transaction.savepoint_rollback)(before)
        telling.tell_or_not(user if kind == Kind.LOCKED else None, telling.News.LOCKED, asked=whose, what=SIGN_IN)
        rates.tick("nothing", visitors.network(request), seconds=NOTHING_SECONDS)


@transaction.atomic
def locked(request: HttpRequest, user: User, what: str) -> None:
    """Too many wrong tries at `what`: in the log, and the owner is told."""
    record(request, user, Kind.LOCKED)
    telling.tell(user, telling.News.LOCKED, what=what)


def _look_up(user: User | None) -> None:
    """Has the foreign key proven now, or a row of nobody's looked for: not at the commit, where only a kept line is."""
    with connections["default"].cursor() as cursor:
        if user:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            cursor.execute("SELECT FROM accounts_user WHERE id = %s FOR KEY SHARE", [uuid4()])


def record(request: HttpRequest, user: User, kind: Kind, *, actor: User | None = None) -> SecurityEvent:
    """Append one event. `actor` is the member of staff who did it, None for the user."""
    return _append(request, user.id, kind, actor)


def _append(request: HttpRequest, user_id: UUID, kind: Kind, actor: User | None = None) -> SecurityEvent:
    return SecurityEvent.objects.create(
        user_id=user_id, kind=kind, actor=actor, address=visitors.address(request), agent=visitors.agent(request)
    )
