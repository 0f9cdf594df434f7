"""`make bench`: figures of ledger, sign-in, log and pages, on a PostgreSQL of their own; benchmarks/latest.json.

Everything that is compared runs alternating in one go, and the medians of the rounds are given: on a busy machine
only the ratios mean much.
"""

import argparse
import contextlib
import json
import os
import tempfile
from pathlib import Path

from tests.postgres import environment
from wallet_site.embedded.cluster import Cluster

LATEST = Path(__file__).parent / "latest.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each measurement takes")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="twofold-bench-")))
        folder.chmod(0o700)
        urls = stack.enter_context(Cluster(folder, throw_away=True, say=lambda line: None).use())
        os.environ.update(environment(urls), BCRYPT_ROUNDS="12", LOG_LEVEL="ERROR")
        os.environ["DJANGO_SETTINGS_MODULE"] = "wallet_site.settings"

        from benchmarks import ledger, log, login, pages, timing

        figures = ledger.measure(urls, rounds=options.rounds, seconds=options.seconds)
        figures["login"] = login.measure()
        figures["told_apart"] = timing.measure()
        figures["log"] = log.measure(urls)
        figures["pages"] = pages.measure()
    LATEST.write_text(json.dumps(figures, indent=2) + "\n")
    tables = [login.table(figures["login"]), timing.table(figures["told_apart"]), log.table(figures["log"])]
    print(ledger.table(figures), *tables, pages.table(figures["pages"]), sep="\n\n")


if __name__ == "__main__":
    main()
