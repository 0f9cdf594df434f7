"""What Lighthouse thinks of the pages: the median of five runs each, against the bars that we hold ourselves to.

`python -m benchmarks.lighthouse [RUNS]` needs Node.js 18.16 or newer with npx, and Chromium. It starts the real site in
demo mode, signs in as a customer, prints a table, and exits with 1 when a page is below its bar.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from payments.demo import SIGN_INS
from tests.running import RunningSite

LIGHTHOUSE = "lighthouse@12.8.2"
RUNS = 5
RUN_SECONDS = 180
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# Each page's bars, in the order of CATEGORIES. Pages behind the sign-in tell search engines nothing, so no bar there.
PUBLIC, PRIVATE = (98, 100, 100, 100), (98, 100, 100, 0)
PAGES = {
    "/": PUBLIC,
    "/login/": PUBLIC,
    "/help/": PUBLIC,
    "/wallet/": PRIVATE,
    "/send/": PRIVATE,
    "/activity/": PRIVATE,
}


def sign_in(site: RunningSite, chromium: str) -> str:
    """The Cookie header of a customer's session."""
    who = SIGN_INS[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox())
        page = browser.new_page()
        page.goto(f"{site.base_url}/login/")
        page.get_by_label("Email address").fill(who.email)
        page.get_by_label("Password", exact=True).fill(who.password)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Code").fill(re.findall(r"\b[0-9]{6}\b", site.manage("totp", who.email))[0])
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/wallet/")
        cookies = [f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies()]
        browser.close()
    return "; ".join(cookies)


def sandbox() -> list[str]:
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def measure(address: str, cookie: str, chromium: str, folder: Path, tries: int = 3) -> list[int]:
    """One run's scores, 0 to 100, in the order of CATEGORIES. Raises CalledProcessError with what Lighthouse said.

    Tried again where Lighthouse itself stumbled: on a busy machine it sometimes misses the start of a page's trace.
    """
    headers, report = folder / "headers.json", folder / "report.json"
    headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={report}"]
    command += [f"--extra-headers={headers}", f"--chrome-flags={' '.join(['--headless=new', *sandbox()])}"]
    environment = {**os.environ, "CHROME_PATH": chromium}
    try:
        subprocess.run(command, env=environment, check=True, timeout=RUN_SECONDS, stdout=subprocess.DEVNULL)
    except subprocess.CalledProcessError:
        if tries == 1:
            raise
        return measure(address, cookie, chromium, folder, tries - 1)
    answer = json.loads(report.read_text())
    # A session that ended would be measured as a very good sign-in page.
    assert answer["finalDisplayedUrl"] == address, answer["finalDisplayedUrl"]
    return [round(100 * answer["categories"][category]["score"]) for category in CATEGORIES]


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None or shutil.which("npx") is None:
        sys.exit("This needs Chromium and npx (Node.js) on the PATH.")
    below = []
    print(f"{'page':<12}" + "".join(f"{category:>16}" for category in CATEGORIES))
    with tempfile.TemporaryDirectory(prefix="lighthouse-") as folder, RunningSite(Path(folder, "data")) as site:
        customer = sign_in(site, chromium)
        for path, bars in PAGES.items():
            cookie = customer if bars is PRIVATE else ""
            scores = [measure(site.base_url + path, cookie, chromium, Path(folder)) for _ in range(runs)]
            medians = [median(column) for column in zip(*scores, strict=True)]
            print(f"{path:<12}" + "".join(f"{score:>16.0f}" for score in medians), flush=True)
            below += [path for score, bar in zip(medians, bars, strict=True) if score < bar]
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
