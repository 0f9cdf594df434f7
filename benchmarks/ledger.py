"""The ledger's figures: how fast, how many attempts are wasted, what the rules cost, how fast the books are proven."""

import multiprocessing
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from django.core.management import call_command
from django.db import connections

from benchmarks import writers
from benchmarks.writers import ACCOUNTS, Job, Tally
from ledger import numbers, verify
from ledger.models import Account, Kind
from ledger.posting import LOCK, WRITE, Order, post
from ledger.snapshot import snapshot
from wallet_site.embedded.programs import program
from wallet_site.embedded.roles import Urls

FULL, BARE = "wallet", "wallet_bare"  # with the rules and digests, and without
WRITERS, HOT_WRITERS = 8, 32
BATCH = 1_000


def measure(urls: Urls, *, rounds: int, seconds: float) -> dict[str, Any]:
    load = os.getloadavg()[0]  # of others: it lowers everything, and pgbench, with fewer processes, least
    prepare(urls)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WRITERS, mp_context=spawn) as pool:
        list(pool.map(time.sleep, [0.5] * WRITERS))  # each is there
        list(pool.map(writers.run, [Job(database=FULL, seconds=0.1, start=time.monotonic() + 2)] * WRITERS))

        def job(count: int, **values: Any) -> list[Tally]:
            start = time.monotonic() + 0.3
            return list(pool.map(writers.run, [Job(seconds=seconds, start=start, **values)] * count))

        runs: dict[str, Callable[[], dict[str, float]]] = {
            "8 writers": lambda: rate(job(WRITERS, database=FULL), seconds),
            "pgbench": lambda: pgbench(urls.owner, seconds),
            "8 writers, no rules or digests": lambda: rate(job(WRITERS, database=BARE), seconds),
            "1 writer": lambda: rate(job(1, database=FULL), seconds),
            "1 writer, no rules or digests": lambda: rate(job(1, database=BARE), seconds),
            "batches": lambda: rate(job(1, database=FULL, size=BATCH), seconds),
            "batches, no rules or digests": lambda: rate(job(1, database=BARE, size=BATCH), seconds),
            "hot account": lambda: rate(
                job(WRITERS, database=FULL, threads=HOT_WRITERS // WRITERS, hot=ACCOUNTS), seconds
            ),
        }
        for run in runs.values():
            run()  # warm
        results: dict[str, list[dict[str, float]]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                results[name].append(run())
    return summary(results) | {
        "verified": verified(),
        "at": datetime.now(UTC).isoformat(),
        "cores": os.cpu_count(),
        "load": load,
    }


def prepare(urls: Urls) -> None:
    """10,000 accounts with money on them, and a copy of it all without rules and digests."""
    call_command("migrate", verbosity=0)
    opened = Account.objects.bulk_create(
        Account(number=numbers.new(), name=str(n), kind=Kind.LIABILITY, currency="EUR", floor=0)
        for n in range(ACCOUNTS)
    )
    assert opened[0].pk == 1
    assert opened[-1].pk == ACCOUNTS
    cash = Account.objects.system("cash")
    post([Order(id=uuid4(), debit=cash, credit=each, amount=10**9, kind="deposit") for each in opened])
    connections.close_all()
    with psycopg.connect(urls.superuser, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {BARE} TEMPLATE {FULL} OWNER wallet_owner")
    with psycopg.connect(urls.owner, dbname=BARE, autocommit=True) as connection:
        strip(connection)
    for name in (FULL, BARE):
        with psycopg.connect(urls.owner, dbname=name, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")


def strip(connection: psycopg.Connection) -> None:
    """Leaves entries, balances and keys; takes out each rule, the digests and the fingerprint."""
    dropped = connection.execute(
        "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgname <> 'post_entries' AND tgrelid::regclass::text LIKE 'ledger%'"
        " UNION ALL SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint"
        " WHERE contype = 'c' AND conrelid::regclass::text LIKE 'ledger%'"
    ).fetchall()
    for (statement,) in dropped:
        connection.execute(statement)
    connection.execute("ALTER TABLE ledger_transfer ALTER fingerprint DROP EXPRESSION")
    connection.execute("ALTER TABLE ledger_transfer ALTER fingerprint SET DEFAULT '\\x00'")
    row = connection.execute("SELECT pg_get_functiondef('ledger_post'::regproc)").fetchone()
    assert row
    body = re.sub(r"(?<=BEGIN\n).*?(?=  PERFORM set_config)", "", row[0], count=1, flags=re.DOTALL)
    body = re.sub(r"WHERE CASE.*?END(?=\s+\), written)", "", body, flags=re.DOTALL)
    body = re.sub(r"public\.ledger_chain\(.*?AS digest", "head AS digest", body, flags=re.DOTALL)
    assert "refuse" not in body
    assert "int8send" not in body
    connection.execute(body)


def pgbench(url: str, seconds: float) -> dict[str, float]:
    """The same two statements on the same schema, without Python."""
    order = {
        "id": "gen_random_uuid()", "debit_account_id": ":debit", "credit_account_id": ":credit", "amount": "1",
        "currency": "'EUR'", "kind": "'payment'", "memo": "''", "attempts": "1", "waited_ms": "0",
        "posted_at": "clock_timestamp()",
    }  # fmt: skip
    orders = ", ".join(f"'{name}', {value}" for name, value in order.items())
    script = f"""
\\set debit random(1, {ACCOUNTS})
\\set credit 1 + (:debit + random(0, {ACCOUNTS - 2})) % {ACCOUNTS}
BEGIN ISOLATION LEVEL SERIALIZABLE;
{one_line(LOCK.replace("%s", "'{:debit,:credit}'"))};
{one_line(WRITE.replace("%s", f"json_build_array(json_build_object({orders}))"))};
COMMIT;
"""
    script = script.replace("'{:debit,:credit}'::bigint[]", "ARRAY[:debit, :credit]::bigint[]")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [
            program("pgbench"),
            "-n",
            "-f",
            file.name,
            "-c",
            str(WRITERS),
            "-j",
            "2",
            "-T",
            str(max(1, round(seconds))),
        ]
        done = subprocess.run([*command, "--max-tries=10", url], capture_output=True, text=True, check=True)
    tps = re.search(r"tps = ([0-9.]+)", done.stdout)
    retried = re.search(r"total number of retries: ([0-9]+)", done.stdout)
    count = re.search(r"transactions actually processed: ([0-9]+)", done.stdout)
    assert tps
    assert count
    return {"per_second": float(tps[1]), "wasted_per_1000": 1000 * int(retried[1]) / int(count[1]) if retried else 0.0}


def one_line(statement: str) -> str:
    return " ".join(statement.split())


def rate(tallies: list[Tally], seconds: float) -> dict[str, float]:
    transfers = sum(tally.transfers for tally in tallies)
    times = sorted(each for tally in tallies for each in tally.milliseconds)
    return {
        "per_second": transfers / seconds,
        "wasted_per_1000": 1000 * sum(tally.wasted for tally in tallies) / max(1, transfers),
        "python_ms": 1000 * sum(tally.cpu_seconds for tally in tallies) / max(1, transfers),
        "lost": sum(tally.lost for tally in tallies),
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[len(times) * 99 // 100],
    }


def summary(results: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    medians = {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in results.items()
    }

    def ratio(one: str, other: str) -> float:
        pairs = zip(results[one], results[other], strict=True)
        return statistics.median(a["per_second"] / b["per_second"] for a, b in pairs)

    return {
        "medians": medians,
        "lost_in_all": sum(run.get("lost", 0) for runs in results.values() for run in runs),
        "ratios": {
            "8 writers / pgbench": ratio("8 writers", "pgbench"),
            "batches / 8 writers": ratio("batches", "8 writers"),
            "batches / 1 writer": ratio("batches", "1 writer"),
            "rules and digests, share of a single post": 1 - ratio("1 writer", "1 writer, no rules or digests"),
            "rules and digests, share with 8 writers": 1 - ratio("8 writers", "8 writers, no rules or digests"),
            "rules and digests, share of a batch": 1 - ratio("batches", "batches, no rules or digests"),
            "hot account p99 / p50": statistics.median(run["p99_ms"] / run["p50_ms"] for run in results["hot account"]),
        },
    }


def verified() -> dict[str, float]:
    """The books after all that, proven three times."""
    seconds = []
    for _ in range(3):
        began, entries = time.monotonic(), 0
        with snapshot() as cursor:
            faults = list(verify.faults(cursor))
            cursor.execute("SELECT sum(last_seq) FROM public.ledger_account")
            entries = int(cursor.fetchone()[0])
        assert not faults, faults[:3]
        seconds.append(time.monotonic() - began)
    return {"entries": entries, "entries_per_second": entries / statistics.median(seconds)}


def table(figures: dict[str, Any]) -> str:
    lines = [f"{'':<44}{'a second':>10}{'wasted/1000':>13}{'p50 ms':>9}{'p99 ms':>9}{'Python ms':>11}"]
    for name, run in figures["medians"].items():
        times = f"{run['p50_ms']:>9.1f}{run['p99_ms']:>9.1f}{run['python_ms']:>11.2f}" if "p50_ms" in run else ""
        lines.append(f"{name:<44}{run['per_second']:>10,.0f}{run['wasted_per_1000']:>13.1f}{times}")
    lines += ["", *(f"{name:<44}{value:>10.2f}" for name, value in figures["ratios"].items())]
    lines += [f"{'payments lost':<44}{figures['lost_in_all']:>10.0f}"]
    lines += [f"{'verify_ledger, entries a second':<44}{figures['verified']['entries_per_second']:>10,.0f}"]
    return "\n".join(lines)
