"""Whose rights are whose: names of roles differ from one installation to the next, what they may do does not."""

from dataclasses import dataclass

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from ledger.snapshot import fetch

OWNER, SITE, PUBLIC = "owner", "site", "public"
DATABASE_OWNER = "pg_database_owner"  # PostgreSQL's name for whoever owns the database, and so schema public


@dataclass(frozen=True, slots=True)
class Roles:
    """`site` is None where the site runs as the owner: then nobody but the owner has a right to anything."""

    owner: str
    site: str | None
    database_owner: str

    @classmethod
    def of_the_settings(cls, cursor: CursorWrapper) -> "Roles":
        """OWNER_DATABASE_URL's role and SITE_ROLE; where a URL names no role, who owns the database and who asks."""
        query = "SELECT pg_get_userbyid(datdba), session_user FROM pg_database WHERE datname = current_database()"
        ((database_owner, asking),) = fetch(cursor, query)
        owner = str(settings.OWNER_DATABASE["USER"] or database_owner)
        site = str(settings.SITE_ROLE or asking)
        return cls(owner, None if site == owner else site, database_owner)

    def called(self, role: str) -> str:
        """What the manifest calls a role of the database; an empty name is PostgreSQL's PUBLIC."""
        if role in {self.owner, DATABASE_OWNER} and (role == self.owner or self.database_owner == self.owner):
            return OWNER
        return {"": PUBLIC, self.site: SITE}.get(role, f"role {role}")
