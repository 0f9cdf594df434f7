"""How fast the worker takes transfers into the log, and how long a proof takes; alone: `python -m benchmarks.log`.

Transfers without entries are added until there are a million: nothing else is measured on these books afterwards.
"""

import contextlib
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

import psycopg

from tests.postgres import environment
from wallet_site.embedded.cluster import Cluster
from wallet_site.embedded.roles import Urls

MILLION = 1_000_000
FILL = """
INSERT INTO ledger_transfer
  (id, debit_account_id, credit_account_id, amount, currency, kind, memo, attempts, waited_ms, posted_at)
SELECT gen_random_uuid(), 1, 2, n, 'EUR', 'payment', '', 1, 0, now() - (%s - n) * interval '1 ms'
FROM generate_series(1, %s - (SELECT count(*) FROM ledger_transfer)) n"""


def measure(urls: Urls, transfers: int = MILLION) -> dict[str, float]:
    """Django is set up and the database migrated by the caller."""
    from ledger.log import proofs
    from ledger.log.following import Follower
    from ledger.log.models import LogLeaf

    with psycopg.connect(urls.superuser, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(FILL, [transfers, transfers])
        connection.execute("VACUUM (ANALYZE) ledger_transfer")
    follower, before, began = Follower(), proofs.size(), time.monotonic()
    while follower.follow():
        pass
    appended, seconds = proofs.size() - before, time.monotonic() - began
    took = []
    for index in random.sample(range(proofs.size()), 100):
        leaf, start = LogLeaf.objects.get(index=index), time.monotonic()
        proofs.inclusion(leaf.index, proofs.size())
        took.append((time.monotonic() - start) * 1000)
    return {"leaves": appended, "leaves_per_second": appended / seconds, "proof_ms": statistics.median(took)}


def table(figures: dict[str, float]) -> str:
    return "\n".join(
        [
            f"{'the log, leaves appended a second':<44}{figures['leaves_per_second']:>10,.0f}",
            f"{'a proof among them, ms':<44}{figures['proof_ms']:>10.1f}",
        ]
    )


def main() -> None:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="twofold-bench-")))
        folder.chmod(0o700)
        urls = stack.enter_context(Cluster(folder, throw_away=True, say=lambda line: None).use())
        os.environ.update(environment(urls), BCRYPT_ROUNDS="12", LOG_LEVEL="ERROR")
        os.environ["DJANGO_SETTINGS_MODULE"] = "wallet_site.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        print(table(measure(urls)))


if __name__ == "__main__":
    main()
