"""Whether what a request has proven still stands at the moment that counts."""

from uuid import UUID

from django.db import connections, router

from accounts.errors import ProofOutdated
from accounts.models import User

# Nobody can change the user's secrets, close the user or end the session until the caller's transaction has ended.
# A new key of the session, or its last use, do not matter: KEY SHARE lets the row be updated, not deleted.
STANDS = """
    SELECT FROM accounts_user AS proven {session}
    WHERE proven.id = %(user)s AND proven.is_active AND proven.session_stamp = %(stamp)s
    FOR SHARE OF proven {lock}"""
OF_USER = STANDS.format(session="", lock="")
IN_SESSION = STANDS.format(
    session="JOIN accounts_session AS held ON held.user_id = proven.id AND held.id = %(session)s",
    lock="FOR KEY SHARE OF held",
)


def must_stand(user: User, session: UUID | None = None) -> None:
    """Raises ProofOutdated unless secrets (by their stamp), user and session are as the request found them.

    One statement, where the caller's transaction runs. `session` is the id of a session's row, None for no session.
    """
    values = {"user": user.id, "stamp": user.session_stamp, "session": session}
    with connections[router.db_for_write(User)].cursor() as cursor:
        cursor.execute(IN_SESSION if session else OF_USER, values)
        if cursor.fetchone() is None:
            raise ProofOutdated
