"""Nobody makes the functions of the books work for tables, types, operators or casts of their own.

The site's role has none of the rights it would take. Here it is given them, as a careless operator might; and with the
first version's function in place each attack gets through, so it is a real one.
"""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections

from ledger.models import Account
from ledger.posting import post
from ledger.sql import function
from tests.ledger.books import BOTH, account, balances, counts, order
from wallet_site import grants

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

COLUMNS = "id, debit_account_id, credit_account_id, amount, currency, kind, memo, fingerprint, posted_at"
# Every column that ledger_post() asks for, and none of the rules of a transfer.
MINE = """
CREATE TEMPORARY TABLE mine (id uuid, debit_account_id bigint, credit_account_id bigint, amount {amount}, currency varchar,
  fingerprint bytea, posted_at timestamptz);
CREATE TRIGGER mine AFTER INSERT ON mine REFERENCING NEW TABLE AS posted EXECUTE FUNCTION public.ledger_post()"""
POSTED = "INSERT INTO mine VALUES (gen_random_uuid(), {debit}, {credit}, {amount}, '{currency}', '', clock_timestamp())"


@pytest.fixture
def scene() -> dict[str, int]:
    frozen = account(500)
    Account.objects.filter(pk=frozen.pk).update(status="frozen")
    return {"rich": account(500).pk, "poor": account().pk, "frozen": frozen.pk, "dollars": account(currency="USD").pk}


@pytest.fixture
def careless(scene: dict[str, int], site: str, owner: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The site's connection, with rights that migrate takes away."""
    database = owner.info.dbname
    owner.execute(f'GRANT TEMPORARY ON DATABASE "{database}" TO {site}')
    owner.execute(f"GRANT CREATE ON SCHEMA public TO {site}")
    owner.execute(f"GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO {site}")
    owner.commit()
    try:
        with psycopg.connect(**connections["default"].get_connection_params()) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            yield connection
            connection.rollback()
    finally:
        owner.rollback()
        owner.execute(f'REVOKE ALL ON DATABASE "{database}" FROM {site}; REVOKE ALL ON SCHEMA public FROM {site}')
        owner.execute(f"REVOKE ALL ON ALL ROUTINES IN SCHEMA public FROM {site}")
        owner.commit()


@pytest.fixture
def first_version(owner: psycopg.Connection) -> Iterator[None]:
    """The functions as they were; put back afterwards from what the database said they are."""
    names = ["ledger_post", "ledger_refuse"]
    today = [owner.execute("SELECT pg_get_functiondef(%s::regproc)", [name]).fetchone() for name in names]
    for name in names:
        owner.execute(function("0002_rules", name))
    owner.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER only_ruled_postings")
    owner.commit()
    yield
    owner.rollback()
    for each in today:
        assert each
        owner.execute(each[0])
    owner.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER only_ruled_postings")
    owner.commit()


def run(connection: psycopg.Connection, script: str, **values: object) -> str | None:
    """The name of the rule that refuses it; None when it gets through. Committed."""
    try:
        for statement in script.format(**values).split(";\n"):
            connection.execute(statement)
        connection.commit()
    except psycopg.errors.CheckViolation as error:
        return error.diag.constraint_name
    return None


BORROWED = {
    "an entry of no transfer": MINE.format(amount="bigint")
    + ";\n"
    + POSTED.format(debit="{rich}", credit="{poor}", amount=5, currency="EUR"),
    "a negative amount": MINE.format(amount="bigint")
    + ";\n"
    + POSTED.format(debit="{poor}", credit="{rich}", amount=-5, currency="EUR"),
    "to oneself": MINE.format(amount="bigint")
    + ";\n"
    + POSTED.format(debit="{rich}", credit="{rich}", amount=5, currency="EUR"),
    "a cast of one's own": (
        "CREATE TYPE public.mine AS ENUM ('5');\n"
        "CREATE FUNCTION public.mine_as_bigint(public.mine) RETURNS bigint LANGUAGE plpgsql AS"
        " 'BEGIN UPDATE public.ledger_account SET floor = -1000; RETURN 5; END';\n"
        "CREATE CAST (public.mine AS bigint) WITH FUNCTION public.mine_as_bigint(public.mine) AS IMPLICIT;\n"
        + MINE.format(amount="public.mine")
        + ";\n"
        + POSTED.format(debit="{rich}", credit="{poor}", amount="'5'", currency="EUR")
    ),
}


@pytest.mark.parametrize("how", [how for how in BORROWED if "cast" not in how])
def test_a_table_of_ones_own_gets_no_entries(how: str, scene: dict[str, int], careless: psycopg.Connection) -> None:
    before = counts(), balances(*Account.objects.all())
    assert run(careless, BORROWED[how], **scene) == "posting_is_for_transfers"
    careless.rollback()
    assert (counts(), balances(*Account.objects.all())) == before


def test_a_cast_of_ones_own_is_not_run_as_the_owner(scene: dict[str, int], careless: psycopg.Connection) -> None:
    assert run(careless, BORROWED["a cast of one's own"], **scene) == "posting_is_for_transfers"
    careless.rollback()
    assert set(Account.objects.filter(pk__in=scene.values()).values_list("floor", flat=True)) == {0}


@pytest.mark.usefixtures("first_version")
def test_they_were_written_by_the_first_version(
    scene: dict[str, int], careless: psycopg.Connection, owner: psycopg.Connection
) -> None:
    assert run(careless, BORROWED["an entry of no transfer"], **scene) is None
    assert balances(*Account.objects.filter(pk__in=[scene["rich"], scene["poor"]]).order_by("pk")) == [495, 5]


@pytest.mark.parametrize("when", ["BEFORE INSERT", "AFTER UPDATE", "AFTER DELETE"])
def test_it_does_nothing_at_another_moment(when: str, owner: psycopg.Connection, scene: dict[str, int]) -> None:
    """Not even for the owner, on the right table."""
    owner.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    owner.execute("DROP TRIGGER transfers_are_append_only ON ledger_transfer")
    owner.execute(f"CREATE TRIGGER mine {when} ON ledger_transfer EXECUTE FUNCTION ledger_post()")
    statement = {
        "BEFORE INSERT": "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer WHERE false",
        "AFTER UPDATE": "UPDATE ledger_transfer SET memo = memo",
        "AFTER DELETE": "DELETE FROM ledger_transfer",
    }[when].replace(
        "INSERT INTO ledger_transfer SELECT *",
        f"INSERT INTO ledger_transfer ({COLUMNS.replace('fingerprint, ', '')}) SELECT {COLUMNS.replace('fingerprint, ', '')}",
    )
    with pytest.raises(psycopg.errors.CheckViolation) as refusal:
        owner.execute(statement)
    assert refusal.value.diag.constraint_name == "posting_is_for_transfers"


def test_it_knows_the_types_of_its_columns(owner: psycopg.Connection, scene: dict[str, int]) -> None:
    owner.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    owner.execute("CREATE DOMAIN odd AS varchar(3); ALTER TABLE ledger_transfer ALTER fingerprint DROP EXPRESSION")
    owner.execute("ALTER TABLE ledger_transfer ALTER currency TYPE odd")
    with pytest.raises(psycopg.errors.CheckViolation) as refusal:
        pay(owner, scene["rich"], scene["poor"])
    assert refusal.value.diag.constraint_name == "posting_is_of_known_types"


def pay(connection: psycopg.Connection, debit: int, credit: int, by: UUID | None = None, kind: str = "payment") -> None:
    connection.execute(
        "INSERT INTO public.ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, initiated_by_id, posted_at)"
        " VALUES (gen_random_uuid(), %s, %s, 5, 'EUR', %s, '', %s, clock_timestamp())",
        [debit, credit, kind, by],
    )


OPERATOR = """
CREATE FUNCTION public.never(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR public.<> (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.never)"""


def into_dollars(connection: psycopg.Connection, scene: dict[str, int]) -> str | None:
    connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    connection.execute(OPERATOR)
    try:
        pay(connection, scene["rich"], scene["dollars"])
    except psycopg.errors.CheckViolation as error:
        return error.diag.constraint_name
    return None


def test_an_operator_of_ones_own_decides_nothing(owner: psycopg.Connection, scene: dict[str, int]) -> None:
    """By whoever may make one in `public`: the columns are varchar, for which PostgreSQL has no operator of its own."""
    assert into_dollars(owner, scene) == "leg_has_its_accounts_currency"


@pytest.mark.usefixtures("first_version")
def test_it_decided_for_the_first_version(owner: psycopg.Connection, scene: dict[str, int]) -> None:
    assert into_dollars(owner, scene) is None


SHADOWS = """
CREATE TEMPORARY TABLE ledger_account AS SELECT * FROM public.ledger_account;
CREATE TEMPORARY TABLE ledger_posting_rule AS SELECT 'payment'::varchar kind, 'system ' || name AS debit, 'wallet'::varchar credit, 'credit'::varchar initiator FROM public.ledger_account;
CREATE TEMPORARY TABLE posted AS SELECT * FROM public.ledger_transfer WHERE false;
CREATE TEMPORARY TABLE pg_class AS SELECT oid, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user) AS relowner FROM pg_catalog.pg_class;
SET search_path = pg_temp, public, pg_catalog"""


def test_tables_of_ones_own_are_not_taken_for_the_books(
    people: list[object], scene: dict[str, int], careless: psycopg.Connection
) -> None:
    bob = Account.objects.for_owner(people[1])  # type: ignore[arg-type]
    assert run(careless, SHADOWS) is None
    careless.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    with pytest.raises(psycopg.errors.CheckViolation, match="no rule allows"):
        pay(careless, scene["rich"], bob.pk, by=bob.owner_id)
    careless.rollback()
    assert balances(bob) == [0]


def test_the_writer_still_writes(scene: dict[str, int]) -> None:
    rich, poor = Account.objects.get(pk=scene["rich"]), Account.objects.get(pk=scene["poor"])
    post([order(rich, poor, 5, id=uuid4())])
    assert balances(rich, poor) == [495, 5]


def test_what_somebody_makes_tomorrow_is_nobodys_to_call(owner: psycopg.Connection, site: str) -> None:
    owner.execute("CREATE FUNCTION ledger_tomorrow() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    row = owner.execute("SELECT has_function_privilege(%s, 'ledger_tomorrow()', 'EXECUTE')", [site]).fetchone()
    assert row == (False,)


def test_a_function_that_anybody_may_call_is_not_after_the_next_migrate(owner: psycopg.Connection, site: str) -> None:
    owner.execute("GRANT EXECUTE ON FUNCTION ledger_post() TO PUBLIC")
    owner.commit()
    as_site = connections["default"].settings_dict
    connections["default"].close()
    connections["default"].settings_dict = as_site | {"USER": owner.info.user, "PASSWORD": owner.info.password}
    grants.apply(connections["default"], site)
    connections["default"].close()
    connections["default"].settings_dict = as_site
    row = owner.execute("SELECT has_function_privilege(%s, 'ledger_post()', 'EXECUTE')", [site]).fetchone()
    assert row == (False,)
