"""A customer's addresses may hold anything: no page answers it with a failure."""

import re

import pytest
from django.test import Client

from statements.forms import FILTERS
from tests.backoffice.test_staff_pages import VALUES
from tests.people import make_customer, sign_in
from tests.site.test_addresses import PLAIN
from wallet_site.environment import BASE_DIR

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])

# By what is asked for: the pages that read it.
ASKED = {
    "before": ["/activity/", "/notices/"],
    "from": ["/send/", "/activity/"],
    "to": ["/send/", "/activity/"],
    "next": ["/login/", "/wallet/reveal/"],
}
# By what a form reads.
ASKED_BY_FORMS = {name: ["/activity/"] for name in FILTERS if name not in ASKED} | {
    "amount": ["/send/"],
    "note": ["/send/"],
}
ASKED_BY_FORMS["q"] = ["/activity/", "/send/", "/payees/"]
ASKED_BY_FORMS["month"] = ["/activity/", "/activity/tags/"]
PAGES = [route for route in PLAIN if not route.startswith("/admin/")]
ODD = [
    *VALUES,
    "\ud83d",
    "-0",
    "1_0",
    "١٢",
    "+1",
    " 1",
    "0x1",
    "9223372036854775808",
    "\r\n",
    "/\\x",
    "//x",
    "a" * 100_000,
]


def test_these_are_all_that_our_pages_ask_for() -> None:
    sources = [
        path
        for app in ("accounts", "notices", "payments", "statements", "wallet_site")
        for path in (BASE_DIR / app).rglob("*.py")
    ]
    found = {name for path in sources for name in re.findall(r'GET(?:\.get\(|\[)"(\w+)"', path.read_text())}
    assert found == set(ASKED)


def quoted(value: str) -> str:
    return "".join(f"%{byte:02x}" for byte in value.encode("utf-8", "surrogatepass"))


@pytest.mark.asvs("2.2.1", "16.5.1")
@pytest.mark.parametrize("who", ["nobody", "a customer"])
def test_no_question_is_a_failure(who: str) -> None:
    client = Client(raise_request_exception=False)
    if who == "a customer":
        sign_in(make_customer(), client)
    asked = [
        (page, f"{name}={quoted(value)}")
        for name, pages in (ASKED | ASKED_BY_FORMS).items()
        for page in pages
        for value in ODD
    ]
    asked += [(page, f"{query}&{query}") for page, query in asked[::5]]
    everything = "&".join(f"{name}={quoted(value)}" for name, value in zip([*ASKED, *ASKED], ODD, strict=False))
    asked += [(page, everything) for page in PAGES]
    failed = [
        (page, query[:60])
        for page, query in asked
        if client.get(f"{page}?{query}").status_code not in (200, 302, 400, 404, 405, 410, 414)
    ]
    assert failed == []


def test_many_parameters_are_a_bad_request() -> None:
    assert Client().get("/help/?" + "&".join(f"a{number}=1" for number in range(200))).status_code in (200, 400)
    assert Client().get("/login/?" + "&".join(f"a{number}=1" for number in range(200))).status_code == 400
