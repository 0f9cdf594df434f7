"""Another name: asked for by a customer, decided by staff, the old one shown until then."""

import re
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import NameWish, SecurityEvent, User
from backoffice.roles import AUDITORS, SUPPORT
from tests import people
from tests.notices.telling import deliver
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
NEW = "Ada King"


def ask(client: Client, name: str = NEW) -> Any:
    return client.post("/settings/name/", {"full_name": name})


def decide(client: Client, wish: NameWish, decision: str, reason: str = "") -> Any:
    return client.post(f"/admin/accounts/namewish/{wish.pk}/change/", {"decision": decision, "reason": reason})


def name_of(user: User) -> str:
    return User.objects.get(pk=user.pk).full_name


@pytest.fixture
def support() -> User:
    return people.make_staff("support@bank.example", [SUPPORT])


@pytest.fixture
def as_support(support: User) -> Client:
    return people.sign_in(support)


def test_it_waits_and_everybody_sees_the_old_name(as_ada: Client, as_grace: Client, ada: User) -> None:
    assert ask(as_ada)["Location"] == "/settings/name/"
    html = as_ada.get("/settings/name/").content.decode()
    assert NEW in html
    assert "Ada Lovelace" in html
    assert "Another one is asked for" in as_ada.get("/settings/").content.decode()
    draft = as_grace.post("/send/", {"payee": "@ada", "amount": "1", "note": ""})["Location"]
    page = as_grace.get(draft).content.decode()
    assert "Ada Lovelace" in page
    assert NEW not in page
    assert SecurityEvent.objects.filter(user=ada, kind="name_asked").count() == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Enter your full name."),
        ("Ada ✓", "can’t have the sign"),
        ("Support Team", "taken for the bank’s"),
        ("x" * 5000, "at most 100 fit"),
        ("Ada Lovelace", "your name already"),
    ],
)
def test_what_no_name_may_be_is_said_beside_the_field(as_ada: Client, ada: User, name: str, words: str) -> None:
    assert words in ask(as_ada, name).context["form"].errors["full_name"][0]
    assert not NameWish.objects.exists()


def test_one_wish_at_a_time_which_can_be_taken_back(as_ada: Client, ada: User) -> None:
    ask(as_ada)
    assert "asked for a name already" in ask(as_ada, "Ada Byron").context["form"].errors["full_name"][0]
    assert as_ada.post("/settings/name/take-back/")["Location"] == "/settings/name/"
    ask(as_ada, "Ada Byron")
    assert NameWish.objects.get().full_name == "Ada Byron"


def test_two_windows_at_once_leave_one_wish(ada: User) -> None:
    browsers = [people.sign_in(ada) for _ in range(4)]
    answers = run_together([partial(ask, browser, f"Ada {n}") for n, browser in enumerate(browsers)])
    assert sorted(getattr(answer, "status_code", 0) for answer in answers) == [200, 200, 200, 302]
    assert NameWish.objects.count() == 1


def test_support_accepts_and_everybody_sees_the_new_name(
    as_ada: Client, as_grace: Client, as_support: Client, ada: User, support: User
) -> None:
    ask(as_ada)
    wish = NameWish.objects.get()
    listed = as_support.get("/admin/accounts/namewish/").content.decode()
    assert NEW in listed
    assert "Accept this name" in as_support.get(f"/admin/accounts/namewish/{wish.pk}/change/").content.decode()
    assert decide(as_support, wish, "accept")["Location"] == "/admin/accounts/namewish/"
    assert name_of(ada) == NEW
    draft = as_grace.post("/send/", {"payee": "@ada", "amount": "1", "note": ""})["Location"]
    assert NEW in as_grace.get(draft).content.decode()
    event = SecurityEvent.objects.get(user=ada, kind="name_changed")
    assert event.actor == support
    deliver()
    assert mail.outbox[-1].to == [ada.email]
    as_support.get("/admin/")  # reads the message that names it
    assert NEW not in as_support.get("/admin/accounts/namewish/").content.decode()
    assert NEW in as_support.get("/admin/accounts/namewish/?state=accepted").content.decode()


def test_support_refuses_and_the_customer_reads_why(as_ada: Client, as_support: Client, ada: User) -> None:
    ask(as_ada)
    wish = NameWish.objects.get()
    page = as_support.post(
        f"/admin/accounts/namewish/{wish.pk}/change/", {"decision": "refuse", "reason": ""}, follow=True
    )
    assert "Say why" in page.content.decode()
    assert NameWish.objects.get().decided_at is None
    decide(as_support, wish, "refuse", "Send us a document with this <b>name</b>.")
    assert name_of(ada) == "Ada Lovelace"
    html = as_ada.get("/settings/name/").content.decode()
    assert "Send us a document with this &lt;b&gt;name" in html
    assert "was refused" in as_ada.get("/settings/").content.decode()
    assert SecurityEvent.objects.get(kind="name_refused").actor is not None
    assert ask(as_ada, "Ada Byron").status_code == 302


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("groups", [[], [AUDITORS]])
def test_nobody_else_decides(as_ada: Client, ada: User, groups: list[str]) -> None:
    ask(as_ada)
    client = people.sign_in(people.make_staff("clerk@bank.example", groups))
    wish = NameWish.objects.get()
    assert decide(client, wish, "accept").status_code == 403
    assert decide(as_ada, wish, "accept").status_code in (302, 403)
    assert name_of(ada) == "Ada Lovelace"
    if groups:
        assert "Accept this name" not in client.get(f"/admin/accounts/namewish/{wish.pk}/change/").content.decode()


def test_support_sees_nothing_else(as_support: Client, ada: User) -> None:
    for page in ("accounts/user", "accounts/securityevent", "ledger/account", "ledger/entry"):
        assert as_support.get(f"/admin/{page}/").status_code == 403


def test_a_wish_is_decided_once(as_ada: Client, ada: User) -> None:
    ask(as_ada)
    wish = NameWish.objects.get()
    clerks = [people.sign_in(people.make_staff(f"clerk{n}@bank.example", [SUPPORT])) for n in range(4)]
    answers = ["accept", "refuse", "accept", "refuse"]
    jobs = [partial(decide, clerk, wish, answer, "No.") for clerk, answer in zip(clerks, answers, strict=True)]
    results = run_together(jobs)
    assert all(getattr(result, "status_code", 0) == 302 for result in results), results
    kinds = list(SecurityEvent.objects.filter(kind__in=["name_changed", "name_refused"]).values_list("kind", flat=True))
    assert len(kinds) == 1
    assert (name_of(ada) == NEW) == (kinds == ["name_changed"])


def test_a_wish_taken_back_is_not_decided(as_ada: Client, as_support: Client, ada: User) -> None:
    ask(as_ada)
    wish = NameWish.objects.get()
    as_ada.post("/settings/name/take-back/")
    assert decide(as_support, wish, "accept").status_code in (302, 404)
    assert name_of(ada) == "Ada Lovelace"


def test_a_name_that_might_be_the_banks_is_marked_for_staff(as_ada: Client, as_support: Client, ada: User) -> None:
    ask(as_ada, "Ada Bank")
    ask(as_ada, "Ada Support Lovelace")
    listed = as_support.get("/admin/accounts/namewish/").content.decode()
    assert re.search('icon-yes.*?alt="True"', listed)


def test_the_database_refuses_a_decision_of_nobody(as_ada: Client, ada: User) -> None:
    ask(as_ada)
    with pytest.raises(IntegrityError, match="name_wish_decided_by_somebody"), transaction.atomic():
        NameWish.objects.update(accepted=True)
