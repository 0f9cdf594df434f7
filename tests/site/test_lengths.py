"""Whatever somebody sends, as long as it may be: an answer, and a word beside the field."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.http import MAX_URL_LENGTH

from accounts.models import Session, User
from payments.models import Payment
from tests import people
from tests.inputs.worst import WORST
from wallet_site.lengths import HEADER_MOST, PATH_MOST, QUERY_MOST

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
every_worst = pytest.mark.parametrize("worst", WORST)
ROOM = settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 1_000  # bytes of a body, for its fields


def fill(worst: str, fields: int) -> str:
    """As much of it as each of so many fields of one request may be sent."""
    return WORST[worst](ROOM // fields // 9)  # a character is percent-encoded in up to nine bytes


@every_worst
@pytest.mark.parametrize(
    ("url", "names"),
    [("/register/", ["email"]), ("/recover/", ["email"]), ("/login/", ["email", "password"])],
)
def test_a_visitor_gets_an_answer(client: Client, url: str, names: list[str], worst: str) -> None:
    page: Any = client.post(
        url, dict.fromkeys(names, fill(worst, len(names))), headers={"X-Forwarded-For": "x," * 4_000}
    )
    assert page.status_code == 200
    assert sorted(page.context["form"].errors) == names
    assert f'id="id_{names[0]}_error"' in page.content.decode()


@every_worst
def test_a_customer_gets_an_answer(client: Client, worst: str) -> None:
    ada = people.make_customer("ada")
    people.sign_in(ada, client)
    names = ["amount", "note", "payee"]
    page: Any = client.post("/send/", dict.fromkeys(names, fill(worst, 3)))
    assert page.status_code == 200
    assert sorted(page.context["form"].errors) == names
    draft = Payment.objects.draft(payer=ada, payee=people.make_customer("grace"), amount=5_000_00, note="")
    page = client.post(f"/send/{draft.id}/check/", dict.fromkeys(["pin", "code"], fill(worst, 2)))
    assert page.status_code == 200
    assert sorted(page.context["form"].errors) == ["code", "pin"]
    page = client.post("/wallet/reveal/", {"pin": fill(worst, 1)})
    assert list(page.context["form"].errors) == ["pin"]
    for url in ("password", "pins", "recovery", "authenticator"):
        page = client.post(f"/settings/security/{url}/", dict.fromkeys(PASSWORDS, fill(worst, len(PASSWORDS))))
        assert page.status_code == 200
        assert set(page.context["form"].errors) >= {"current_password", "code"}


PASSWORDS = ["password", "view_pin", "payment_pin", "current_password", "code"]


@pytest.mark.parametrize("url", ["/", "/login/", "/admin/", "/activity/", "/nowhere/", "/healthz"])
def test_an_address_too_long_is_refused_first_of_all(client: Client, url: str) -> None:
    assert client.get(f"{url}?{'x' * QUERY_MOST}").status_code != 414
    for long in (f"{url}?{'x' * (QUERY_MOST + 1)}", f"{url}{'x' * PATH_MOST}/"):
        answer = client.get(long)
        assert (answer.status_code, answer["Content-Type"]) == (414, "text/plain; charset=utf-8")
    assert not Session.objects.exists()


@pytest.mark.parametrize("header", ["Host", "User-Agent", "X-Forwarded-For", "Cookie", "Referer", "Accept-Language"])
def test_a_header_too_long_is_refused(client: Client, header: str) -> None:
    assert client.get("/", headers={header: "x" * (HEADER_MOST + 1)}).status_code == 431


def test_a_mailed_token_is_not_looked_up_when_it_is_none(client: Client) -> None:
    assert client.get(f"/join/{'x' * 500}/").status_code == 410
    assert client.get(f"/reset/{'x' * 5_000}/").status_code == 414


def test_the_client_is_known_behind_however_many_addresses(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    ada = people.make_customer("ada")
    people.sign_in(ada, client)
    Session.objects.filter(user=ada).update(agent="")
    client.get("/settings/", headers={"X-Forwarded-For": "x, " * 2_000 + "192.0.2.7", "User-Agent": "Firefox " * 900})
    session = Session.objects.get(user=ada)
    assert (session.address, len(session.agent)) == ("192.0.2.7", 200)


def test_too_long_an_address_to_go_on_to_is_none(client: Client) -> None:
    ours = "/settings/?" + "x" * MAX_URL_LENGTH
    page: Any = client.post("/login/", {"email": "nobody@", "next": ours})
    assert page.context["next"] == ""
    assert client.post("/theme/", {"theme": "dark", "next": ours})["Location"] == "/"
    people.sign_in(people.make_customer("ada"), client)
    assert client.post("/wallet/hide/", {"next": ours})["Location"] == "/wallet/"
    page = client.get("/send/", {"to": "a" * 2_000})
    assert page.context["form"].initial == {"payee": "", "amount": "", "note": ""}
    for query in ("before", "from"):
        assert client.get({"before": "/activity/", "from": "/send/"}[query], {query: "9" * 2_900}).status_code == 404


@every_worst
def test_a_search_too_long_is_told_above_the_list(client: Client, worst: str) -> None:
    people.sign_in(people.make_staff(is_superuser=True), client)
    for name in ("accounts/user", "accounts/securityevent", "ledger/account", "ledger/transfer", "ledger/entry"):
        page = client.get(f"/admin/{name}/", {"q": WORST[worst](300)})
        assert page.status_code == 200
        assert "Enter at most 200 characters" in page.content.decode()


@pytest.mark.parametrize(
    "argument", [",".join(["a@"] * 20_000), '"' + "\\a" * 30_000 + '"@x.com', "e" + "\u0301\u0316" * 20_000]
)
def test_a_command_takes_no_endless_address(argument: str) -> None:
    for command in (["createstaff", argument, "Audrey"], ["end_sessions", argument], ["enrolment_code", argument]):
        with pytest.raises(CommandError):
            call_command(*command)
    assert not User.objects.exists()


def test_gunicorn_has_the_same_limits() -> None:
    code = (
        "from wallet_site import gunicorn_conf as conf; print(conf.limit_request_line, conf.limit_request_field_size)"
    )
    environment = {**os.environ, "DEMO": "1"}
    shown = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    line, header = map(int, shown.stdout.split())
    assert line >= PATH_MOST + QUERY_MOST
    assert header == HEADER_MOST
