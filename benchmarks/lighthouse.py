"""What Lighthouse thinks of the pages, against the bars that we hold ourselves to: benchmarks/lighthouse.json.

`make lighthouse` (or `python -m benchmarks.lighthouse --runs 1`) needs Node.js 18.20 or newer with npm, and Chromium;
Lighthouse itself it installs into benchmarks/node_modules. It measures the real site in demo mode, signed out and
signed in as a customer, prints the medians, and exits with 1 when a page is below its bar.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from tests.driver import chromium
from tests.driver.person import Person
from tests.running import RunningSite
from wallet_site.demo import SIGN_INS

LIGHTHOUSE = "12.8.2"  # the last of the major version that runs on Node.js 20
HERE = Path(__file__).parent
PROGRAM, LATEST = HERE / "node_modules" / ".bin" / "lighthouse", HERE / "lighthouse.json"
RUN_SECONDS, TRIES = 180, 3
SCORES = ("performance", "accessibility", "best-practices", "seo")
# At least these scores. Pages behind the sign-in tell search engines nothing, so there is no bar for that.
PRIVATE = {"performance": 98, "accessibility": 100, "best-practices": 100}
PUBLIC = PRIVATE | {"seo": 100}
PAGES = {"/": PUBLIC, "/login/": PUBLIC, "/wallet/": PRIVATE, "/send/": PRIVATE, "/activity/": PRIVATE}
# At most this for a first page, when the browser has nothing of ours yet: bytes as transferred, and requests.
MOST = {"bytes": 60 * 1024, "requests": 8}


@dataclass
class Lighthouse:
    browser: str  # the path of its program
    folder: Path

    def install(self) -> None:
        """Once. Raises CalledProcessError when npm cannot."""
        if not PROGRAM.exists():
            what = ["--prefix", str(HERE), "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
            subprocess.run(["npm", "install", "--loglevel=error", *what, f"lighthouse@{LIGHTHOUSE}"], check=True)

    def run(self, address: str, cookie: str) -> dict[str, float]:
        """One run's scores, 0 to 100, with bytes and requests. Raises CalledProcessError when Lighthouse fails.

        It has a few tries: on a busy machine it sometimes misses the start of a page's trace.
        """
        headers, report = self.folder / "headers.json", self.folder / "report.json"
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
        command = [str(PROGRAM), address, "--quiet", "--output=json", f"--output-path={report}"]
        command += [f"--extra-headers={headers}", f"--chrome-flags={' '.join(['--headless=new', *chromium.sandbox()])}"]
        environment = {**os.environ, "CHROME_PATH": self.browser}
        for attempt in range(1, TRIES + 1):
            done = subprocess.run(command, env=environment, timeout=RUN_SECONDS, capture_output=True, check=False)
            if done.returncode == 0:
                break
            if attempt == TRIES:
                sys.stderr.buffer.write(done.stderr)
                done.check_returncode()
        return figures(json.loads(report.read_text()), address)


def figures(report: dict[str, Any], address: str) -> dict[str, float]:
    # A session that ended would be measured as a very good sign-in page.
    assert report["finalDisplayedUrl"] == address, report["finalDisplayedUrl"]
    scores = {score: round(100 * report["categories"][score]["score"]) for score in SCORES}
    requests = report["audits"]["network-requests"]["details"]["items"]
    return {**scores, "bytes": sum(request["transferSize"] for request in requests), "requests": len(requests)}


def sign_in(site: RunningSite) -> str:
    """The Cookie header of a customer's session."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        ada = Person.of_the_demo(browser.new_context(base_url=site.base_url), site, SIGN_INS[0])
        ada.sign_in()
        ada.is_at("/wallet/")
        cookies = [f"{cookie['name']}={cookie['value']}" for cookie in ada.context.cookies()]
        browser.close()
    return "; ".join(cookies)


def below(page: dict[str, float], bars: dict[str, int]) -> list[str]:
    """What of it is not good enough."""
    heavy = [weight for weight, bar in MOST.items() if page[weight] > bar] if bars is PUBLIC else []
    return [score for score, bar in bars.items() if page[score] < bar] + heavy


def measure(lighthouse: Lighthouse, site: RunningSite, runs: int) -> dict[str, dict[str, float]]:
    """Each page's medians, printed as they come."""
    pages: dict[str, dict[str, float]] = {}
    print(f"{'page':<12}" + "".join(f"{name:>16}" for name in (*SCORES, *MOST)))
    cookie = ""
    for path, bars in PAGES.items():
        if bars is PRIVATE and not cookie:
            cookie = sign_in(site)
        results = [lighthouse.run(site.base_url + path, cookie) for _ in range(runs)]
        pages[path] = {name: median(result[name] for result in results) for name in (*SCORES, *MOST)}
        print(f"{path:<12}" + "".join(f"{figure:>16.0f}" for figure in pages[path].values()), flush=True)
    return pages


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lighthouse", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each page, whose median counts")
    runs = parser.parse_args().runs
    browser = chromium.find()
    if browser is None or shutil.which("npm") is None:
        parser.error("this needs Chromium and npm (with Node.js) on the PATH")
    with tempfile.TemporaryDirectory(prefix="lighthouse-") as folder, RunningSite(Path(folder, "data")) as site:
        lighthouse = Lighthouse(browser, Path(folder))
        lighthouse.install()
        pages = measure(lighthouse, site, runs)
    LATEST.write_text(json.dumps({"lighthouse": LIGHTHOUSE, "runs": runs, "medians": pages}, indent=2) + "\n")
    faults = {path: low for path, bars in PAGES.items() if (low := below(pages[path], bars))}
    for path, low in faults.items():
        print(f"{path} is below its bar: {', '.join(low)}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
