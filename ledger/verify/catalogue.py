"""What the database has of rules and rights, read from PostgreSQL's own tables of itself.

Each object of the books by its full name, and what matters of it as a few texts: the same whether the database was just
made, has grown over versions, or came back from a dump, on PostgreSQL 17 as on 18. So NOT NULL is a column's property,
never a constraint (which it is from 18 on), and nothing that an operator tunes is in it (fill factors, statistics).
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db.backends.utils import CursorWrapper

from ledger.snapshot import fetch
from ledger.verify.roles import Roles

Thing = dict[str, Any]  # property -> text, or lines
Things = dict[str, Thing]  # by kind and name: "table public.ledger_entry"


def read(cursor: CursorWrapper, roles: Roles, known: Iterable[str] = ()) -> Things:
    """Everything of the books; `known` are tables (schema.name) to look at though nothing else says they matter."""
    things: Things = {}
    for query in OF_TABLES:
        _add(things, fetch(cursor, WITH_BOOKS + query, [list(known)]), roles)
    for query in OF_THE_DATABASE:
        _add(things, fetch(cursor, query), roles)
    return things


def _add(things: Things, rows: list[tuple[Any, ...]], roles: Roles) -> None:
    for name, properties in rows:
        found = {key: value for key, value in json.loads(properties).items() if value not in (None, [], "")}
        if "owner" in found:
            found["owner"] = roles.called(found["owner"])
        if "settings" in found:
            found["settings"].sort()
        if "rights" in found:
            found["rights"] = _rights(found["rights"], roles)
        if "made by" in found:
            name += roles.called(found.pop("made by"))
        if "body" in found:
            found["body"] = found["body"].strip().splitlines()
        things[name] = found


def _rights(grants: list[tuple[str, str]], roles: Roles) -> list[str]:
    return sorted(f"{roles.called(role)}: {right}" for role, right in grants)


def _granted(acl: str, kind: str, owner: str) -> str:
    """Who else may do what: the owner's own rights are left out, being the owner's to give and take."""
    return f"""(SELECT jsonb_agg(jsonb_build_array(CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) ELSE '' END,
      g.privilege_type || CASE WHEN g.is_grantable THEN ' with grant option' ELSE '' END))
    FROM aclexplode(coalesce({acl}, acldefault('{kind}', {owner}))) g WHERE g.grantee <> {owner})"""


def _outside(catalogue: str, row: str) -> str:
    """Not a member of an extension, which is named as a whole."""
    return f"""NOT EXISTS (SELECT FROM pg_depend
      WHERE classid = '{catalogue}'::regclass AND objid = {row}.oid AND deptype = 'e')"""


FIRST_OF_USERS = 16384  # object ids below are PostgreSQL's own: FirstNormalObjectId in its access/transam.h

# The tables of the books: named so, or watched by a trigger, or no ordinary table at all, wherever they are.
WITH_BOOKS = f"""
WITH books AS (
  SELECT c.*, n.nspname, format('%%I.%%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND n.nspname NOT LIKE 'pg\\_toast\\_temp\\_%%'
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c', 'S') AND {_outside("pg_class", "c")}
    AND (c.relname LIKE 'ledger\\_%%' OR format('%%I.%%I', n.nspname, c.relname) = ANY (%s)
      OR c.relkind NOT IN ('r', 'S') AND n.nspname NOT LIKE 'pg\\_temp\\_%%'
      OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal))
)"""
TABLES = f"""
SELECT 'table ' || name, jsonb_build_object(
  'kind', CASE relkind WHEN 'r' THEN 'ordinary' WHEN 'p' THEN 'partitioned' WHEN 'v' THEN 'view'
    WHEN 'm' THEN 'materialised view' WHEN 'f' THEN 'foreign' WHEN 'c' THEN 'composite type' END,
  'persistence', CASE relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' ELSE 'temporary' END,
  'row security', CASE WHEN relforcerowsecurity THEN 'forced' WHEN relrowsecurity THEN 'on' ELSE 'off' END,
  'access method', (SELECT amname FROM pg_am WHERE oid = relam),
  'parents', (SELECT jsonb_agg(inhparent::regclass::text) FROM pg_inherits WHERE inhrelid = books.oid),
  'children', (SELECT jsonb_agg(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = books.oid),
  'owner', pg_get_userbyid(relowner), 'rights', {_granted("relacl", "r", "relowner")})::text
FROM books WHERE relkind <> 'S'"""
SEQUENCES = f"""
SELECT 'sequence ' || name, jsonb_build_object(
  'values', format('%%s from %%s to %%s by %%s%%s', seqtypid::regtype,
    seqmin, seqmax, seqincrement, CASE WHEN seqcycle THEN ', again and again' END),
  'owner', pg_get_userbyid(relowner), 'rights', {_granted("relacl", "s", "relowner")})::text
FROM books JOIN pg_sequence ON seqrelid = books.oid"""
COLUMNS = f"""
SELECT format('column %%s.%%I', name, attname), jsonb_build_object(
  'type', format_type(atttypid, atttypmod),
  'null', CASE WHEN attnotnull THEN 'no' ELSE 'yes' END,
  CASE attgenerated WHEN '' THEN 'default' WHEN 's' THEN 'generated' ELSE 'generated when read' END,
    pg_get_expr(adbin, adrelid),
  'identity', CASE attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
  'collation', CASE WHEN attcollation <> typcollation THEN attcollation::regcollation END,
  'rights', CASE WHEN attacl IS NOT NULL THEN {_granted("attacl", "c", "relowner")} END)::text
FROM books JOIN pg_attribute a ON a.attrelid = books.oid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef ON adrelid = books.oid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped AND relkind <> 'S'"""
# A foreign key is held by triggers of PostgreSQL's own, which can be switched off without a trace in its definition.
CONSTRAINTS = """
SELECT format('constraint %%I on %%s', conname, name), jsonb_build_object(
  'definition', pg_get_constraintdef(k.oid),
  'switched off', CASE WHEN EXISTS (
    SELECT FROM pg_trigger WHERE tgconstraint = k.oid AND tgisinternal AND tgenabled NOT IN ('O', 'A')
  ) THEN 'yes' END)::text
FROM books JOIN pg_constraint k ON k.conrelid = books.oid WHERE contype NOT IN ('n', 't')"""
INDEXES = """
SELECT format('index %%s on %%s', i.indexrelid::regclass, name), jsonb_build_object(
  'definition', pg_get_indexdef(i.indexrelid),
  'valid', CASE WHEN indisvalid AND indisready AND indislive THEN 'yes' ELSE 'no' END)::text
FROM books JOIN pg_index i ON i.indrelid = books.oid"""
TRIGGERS = """
SELECT format('trigger %%I on %%s', tgname, name), jsonb_build_object(
  'definition', pg_get_triggerdef(t.oid),
  'fires', CASE tgenabled WHEN 'O' THEN 'normally' WHEN 'A' THEN 'always' WHEN 'R' THEN 'in a replica only'
    ELSE 'never' END)::text
FROM books JOIN pg_trigger t ON t.tgrelid = books.oid WHERE NOT tgisinternal"""
OF_TABLES = (TABLES, SEQUENCES, COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS)

# What the digests are made with is PostgreSQL's own; a superuser can replace even that.
BUILT_IN = "'sha256', 'uuid_send', 'int4send', 'int8send', 'timestamptz_send', 'convert_to', 'octet_length', 'byteacat'"
FUNCTIONS = f"""
SELECT format('%s %I.%I(%s)',
    CASE prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window function'
      ELSE 'function' END,
    nspname, proname, pg_get_function_identity_arguments(p.oid)),
  jsonb_build_object(
  'arguments', pg_get_function_arguments(p.oid), 'returns', pg_get_function_result(p.oid), 'language', lanname,
  'traits', CASE WHEN p.oid >= {FIRST_OF_USERS} THEN concat_ws(', ',
    CASE provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
    CASE proparallel WHEN 's' THEN 'parallel safe' WHEN 'r' THEN 'parallel restricted' ELSE 'parallel unsafe' END,
    CASE WHEN proisstrict THEN 'strict' END, CASE WHEN proleakproof THEN 'leakproof' END,
    CASE WHEN prosecdef THEN 'with its owner''s rights' ELSE 'with its caller''s rights' END) END,
  'settings', to_jsonb(proconfig), 'body', coalesce(pg_get_function_sqlbody(p.oid), prosrc), 'library', probin,
  'made of', CASE WHEN prokind = 'a' THEN format('%s over %s from %s, combined by %s, ended by %s, moving %s %s %s',
    aggtransfn, aggtranstype::regtype, coalesce(agginitval, 'nothing'), aggcombinefn, aggfinalfn,
    aggmtransfn, aggminvtransfn, aggmfinalfn) END,
  'owner', CASE WHEN p.oid >= {FIRST_OF_USERS} THEN pg_get_userbyid(proowner) END,
  'rights', CASE WHEN p.oid >= {FIRST_OF_USERS} THEN {_granted("proacl", "f", "proowner")} END)::text
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_aggregate ON aggfnoid = p.oid
WHERE nspname <> 'information_schema' AND {_outside("pg_proc", "p")}
  AND (p.oid >= {FIRST_OF_USERS} OR nspname = 'pg_catalog' AND (proname IN ({BUILT_IN})
    OR lanname NOT IN ('internal', 'c', 'sql')))"""
SCHEMAS = f"""
SELECT format('schema %I', nspname), jsonb_build_object(
  'owner', CASE WHEN nspname <> 'pg_catalog' THEN pg_get_userbyid(nspowner) END,
  'rights', {_granted("nspacl", "n", "nspowner")})::text
FROM pg_namespace WHERE nspname = 'pg_catalog' OR nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'"""
DEFAULT_RIGHTS = """
SELECT format('default rights on %s in %s made by ',
    CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
      WHEN 'n' THEN 'schemas' ELSE 'others' END, coalesce('schema ' || quote_ident(nspname), 'every schema')),
  jsonb_build_object('made by', pg_get_userbyid(defaclrole), 'rights', (
    SELECT jsonb_agg(jsonb_build_array(
      CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) ELSE '' END, g.privilege_type))
    FROM aclexplode(defaclacl) g))::text
FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace"""
EVENT_TRIGGERS = "SELECT format('event trigger %I', evtname), '{}' FROM pg_event_trigger"
EXTENSIONS = "SELECT format('extension %I', extname), '{}' FROM pg_extension"
SUBSCRIPTIONS = """
SELECT format('subscription %I', subname), '{}' FROM pg_subscription
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"""
# Kinds of which the migrations make none.
NOT_OURS = (
    "pg_operator", "pg_opclass", "pg_opfamily", "pg_cast", "pg_conversion", "pg_collation", "pg_language",
    "pg_transform", "pg_policy", "pg_am", "pg_foreign_data_wrapper", "pg_foreign_server", "pg_ts_parser",
    "pg_ts_template",
)  # fmt: skip
OTHERS = f"""
WITH made (class, oid) AS ({
    " UNION ALL ".join(f"SELECT '{each}'::regclass, oid FROM {each} WHERE oid >= {FIRST_OF_USERS}" for each in NOT_OURS)
} UNION ALL SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE oid >= {FIRST_OF_USERS} AND rulename <> '_RETURN'
  UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE oid >= {
    FIRST_OF_USERS
} AND typtype <> 'c' AND typelem = 0
)
SELECT DISTINCT i.type || ' ' || i.identity, '{{}}' FROM made CROSS JOIN LATERAL pg_identify_object(class, oid, 0) i
WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = class AND objid = made.oid AND deptype = 'e')"""
OF_THE_DATABASE = (FUNCTIONS, SCHEMAS, DEFAULT_RIGHTS, EVENT_TRIGGERS, EXTENSIONS, SUBSCRIPTIONS, OTHERS)
