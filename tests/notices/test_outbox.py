"""Told if and only if it happened, and once: the outbox row is part of the transaction of what happened."""

import uuid

import pytest
from django.db import connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.credentials import recovery_codes
from accounts.models import User
from accounts.telling import News
from ledger.db import serializable
from ledger.orders import InsufficientFunds
from notices import outbox
from notices.models import Kind, Outbox
from payments import demo_money, following, gate
from payments.gate import confirm
from payments.models import Payment
from tests import people
from tests.notices.telling import kinds_told
from tests.people import PASSWORD, code_for, sign_in_by_pages

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


class Broken(Exception):
    pass


def test_telling_of_the_same_twice_is_telling_once(ada: User, grace: User) -> None:
    about = uuid.uuid4()
    for _ in range(2):
        outbox.tell(ada.id, Kind.MONEY_IN, about=about, amount=1)
        outbox.tell(grace.id, Kind.MONEY_IN, about=about, amount=1)
        outbox.tell(ada.id, Kind.MONEY_OUT, about=about, amount=1)
    assert Outbox.objects.count() == 3


def test_a_kind_that_is_none_is_refused(ada: User) -> None:
    with pytest.raises(ValueError, match="gossip"):
        outbox.tell(ada.id, "gossip")


@pytest.mark.parametrize("door", ["default", "serializable"])
def test_what_is_undone_is_not_told(ada: User, door: str) -> None:
    def work() -> None:
        outbox.tell(ada.id, Kind.LOCKED, what="PIN")
        raise Broken

    doors = {"serializable": serializable, "default": lambda work: transaction.atomic(work)()}
    with pytest.raises(Broken):
        doors[door](work)
    assert not Outbox.objects.exists()


def test_a_payment_tells_both_sides(ada: User, grace: User) -> None:
    people.fund(ada, 10_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=1_23, note="violets")
    for _ in range(2):
        confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
    told = {row.user_id: (row.kind, row.about, row.data) for row in Outbox.objects.all()}
    assert told == {
        ada.id: ("money_out", payment.id, {"amount": 123, "currency": "EUR", "name": "Grace Hopper"}),
        grace.id: ("money_in", payment.id, {"amount": 123, "currency": "EUR", "name": "Ada Lovelace"}),
    }


def test_no_money_no_word(ada: User, grace: User, monkeypatch: pytest.MonkeyPatch) -> None:
    people.fund(ada, 10_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=11_00, note="")
    with pytest.raises(InsufficientFunds):
        confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
    assert kinds_told() == []


def test_no_word_no_money(ada: User, grace: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """They commit together: money whose two sides cannot be told does not move."""

    def broken(words: object) -> None:
        raise Broken

    people.fund(ada, 10_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=1_00, note="")
    monkeypatch.setattr(following, "tell", broken)
    with pytest.raises(Broken):
        confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
    assert payment.transfer is None and people.balance(ada) == 10_00


def test_both_sides_are_told_in_one_statement_on_the_moneys_door(
    ada: User, grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.fund(ada, 10_00)
    counts = []
    for tell in (lambda words: None, following.tell):
        monkeypatch.setattr(following, "tell", tell)
        payment = Payment.objects.draft(payer=ada, payee=grace, amount=1_00, note="")
        with CaptureQueriesContext(connections["serializable"]) as asked:
            gate.confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
        counts.append(len(asked))
        told = [query["sql"] for query in asked if "notices_outbox" in query["sql"]]
    assert counts[1] == counts[0] + 1
    assert len(told) == 1 and told[0].startswith("INSERT")


def test_demo_money_is_told_once(ada: User, as_ada: Client) -> None:
    as_ada.get("/wallet/")
    wallet = people.fund(ada, 1_00)
    for _ in range(2):
        demo_money.give(wallet, ada)
    assert people.balance(ada) == 101_00
    assert kinds_told(user=ada) == ["money_in"]


def test_a_sign_in_is_told_from_a_new_browser_only(ada: User) -> None:
    known = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    sign_in_by_pages(ada, known, offset=-1)
    assert [row.data for row in Outbox.objects.all()] == [{"device": "Firefox on Linux"}]
    assert kinds_told(user=ada) == ["new_browser"]
    known.post("/logout/")
    sign_in_by_pages(ada, known)
    assert kinds_told() == ["new_browser"]
    sign_in_by_pages(ada, Client(), offset=1)
    assert kinds_told() == ["new_browser"] * 2


def test_a_sign_in_that_failed_is_not_told(ada: User) -> None:
    Client().post("/login/", {"email": ada.email, "password": "wrong horse battery"})
    client = Client()
    client.post("/login/", {"email": ada.email, "password": PASSWORD})
    client.post("/login/code/", {"code": code_for(ada, 9)})
    assert kinds_told() == []


def test_a_recovery_code_is_told_when_it_is_used_up(ada: User) -> None:
    codes = recovery_codes.issue_recovery(ada)
    client = Client()
    for code in (recovery_codes.new(), codes[0], codes[0]):
        client.post("/login/", {"email": ada.email, "password": PASSWORD})
        client.post("/login/code/", {"code": code})
        client.post("/logout/")
    assert kinds_told(kind="recovery_used") == ["recovery_used"]


def test_a_code_whose_use_cannot_be_told_is_not_used_up(ada: User) -> None:
    (code, *_) = recovery_codes.issue_recovery(ada)

    def broken() -> None:
        raise Broken

    with pytest.raises(Broken):
        recovery_codes.redeem_recovery(ada, code, noted=broken)
    recovery_codes.redeem_recovery(ada, code)


def test_a_lock_on_the_sign_in_is_told_to_whoever_it_locks(ada: User) -> None:
    for email in (ada.email, "nobody@example.com"):
        for _ in range(7):
            Client().post("/login/", {"email": email, "password": "wrong horse battery"})
    assert [(row.user_id, row.kind, row.data) for row in Outbox.objects.all()] == [
        (ada.id, "locked", {"what": "sign-in"})
    ]


def test_a_lock_on_a_pin_is_told(ada: User, as_ada: Client) -> None:
    for _ in range(7):
        as_ada.post("/wallet/reveal/", {"pin": "1111"})
    assert [row.data for row in Outbox.objects.filter(kind="locked")] == [{"what": "PIN"}]


def test_a_change_that_cannot_be_told_is_not_made(
    ada: User, as_ada: Client, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.telling.tell", _break)
    form = {"password": "another horse battery", "current_password": PASSWORD, "code": code_for(ada)}
    with pytest.raises(Broken):
        as_ada.post("/settings/security/password/", form)
    assert User.objects.get(pk=ada.pk).password == ada.password


def _break(*of: object, **data: object) -> None:
    raise Broken


def test_every_kind_of_accounts_is_one_of_notices() -> None:
    assert {news.value for news in News} < set(Kind.values)
