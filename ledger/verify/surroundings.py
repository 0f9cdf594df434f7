"""Settings and role memberships by which rules that stand unchanged would still not hold."""

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper

from ledger.snapshot import fetch
from ledger.verify.fault import Fault
from ledger.verify.roles import Roles

# Each decides which function or table a name means, whether triggers fire, rows are hidden, or NULL equals something.
DECIDING = (
    "search_path", "session_replication_role", "role", "session_authorization", "row_security", "transform_null_equals",
    "array_nulls", "standard_conforming_strings", "local_preload_libraries", "session_preload_libraries",
)  # fmt: skip
DECIDING_BY_PREFIX = "^(ledger|plpgsql)[.]"


def faults(cursor: CursorWrapper, roles: Roles) -> Iterator[Fault]:
    given = fetch(cursor, GIVEN, [list(DECIDING), DECIDING_BY_PREFIX])
    in_force = fetch(cursor, IN_FORCE, [list(DECIDING)])
    yield from (Fault("a setting changes what the rules do", where) for (where,) in given + in_force)
    if roles.site is not None:
        for query in (ATTRIBUTES, MEMBERSHIPS, DATABASE_RIGHTS):
            for (where,) in fetch(cursor, query, [roles.site]):
                yield Fault("the site's role may do more than it should", where)


# By ALTER ROLE or ALTER DATABASE: they say it for sessions to come.
GIVEN = """
SELECT format('%%s of %%s in %%s', given.setting, coalesce('role ' || r.rolname, 'every role'),
  coalesce('database ' || d.datname, 'every database'))
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS given(setting)
LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
WHERE (s.setdatabase = 0 OR d.datname = current_database())
  AND (split_part(given.setting, '=', 1) = ANY (%s) OR given.setting ~ %s)
ORDER BY 1"""

# By the server's configuration, or in this very session. SET LOCAL, as by `pin`, does not count as what a session has.
IN_FORCE = """
SELECT format('%%s is %%s in this session', name, reset_val) FROM pg_settings
WHERE name = ANY (%s) AND reset_val IS DISTINCT FROM boot_val
UNION ALL SELECT format('session_replication_role is %%s', setting) FROM pg_settings
WHERE name = 'session_replication_role' AND setting <> 'origin' AND reset_val = 'origin'
UNION ALL SELECT format('%%s is on in this session', mark)
FROM unnest(ARRAY['ledger.posting', 'ledger.logging']) AS known(mark)
WHERE current_setting(mark, true) = 'on'
ORDER BY 1"""

ATTRIBUTES = """
SELECT 'it is a ' || attribute FROM pg_roles r, LATERAL (VALUES
  (r.rolsuper, 'superuser'), (r.rolcreaterole, 'maker of roles'), (r.rolcreatedb, 'maker of databases'),
  (r.rolreplication, 'replication role'), (r.rolbypassrls, 'role past row security')
) AS known(has, attribute)
WHERE r.rolname = %s AND has"""

MEMBERSHIPS = """
SELECT format('it is a member of %%s', pg_get_userbyid(m.roleid)) FROM pg_auth_members m
WHERE pg_get_userbyid(m.member) = %s ORDER BY 1"""

DATABASE_RIGHTS = """
SELECT format('%%s on database %%s', privilege, d.datname)
FROM pg_roles r, pg_database d, unnest(ARRAY['CREATE', 'TEMPORARY']) AS asked(privilege)
WHERE r.rolname = %s AND d.datname = current_database() AND has_database_privilege(r.oid, d.oid, privilege)"""
