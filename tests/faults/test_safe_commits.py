"""Money is acknowledged when the standby has it: two real servers, and a wait for the standby that is cut short."""

import os
from functools import partial
from urllib.parse import quote

import pytest
from django.db import connections, transaction
from django.test import Client

from ledger import db, replication
from ledger.db import ALIAS, OutcomeUnknown, prove_replicated, serializable
from ledger.models import Account, Transfer
from ledger.posting import Order, post
from payments.gate import confirm
from payments.models import Payment
from tests import people
from tests.faults.pair import BOTH, CANCEL, TERMINATE, Pair, lead_to
from tests.ledger.books import account, balances, order
from wallet_site import settings

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

RIGHT = {"pin": people.PAYMENT_PIN}


def cut_short(two: Pair, payment: Order) -> None:
    """The standby goes away, and the payment is in the books of the primary alone."""
    two.lose_the_standby()
    with two.cutting_short(), pytest.raises(OutcomeUnknown):
        post([payment])
    assert Transfer.objects.filter(id=payment.id).exists()


def test_a_payment_that_the_standby_has_is_acknowledged(two: Pair) -> None:
    alice, bob = account(1000), account()
    (transfer,) = post([order(alice, bob, 400)])
    two.fail_over()
    lead_to(two.standby)
    assert Transfer.objects.filter(id=transfer.id).exists()
    assert balances(alice, bob) == [600, 400]


def test_one_whose_wait_was_cut_short_is_not_and_asking_again_posts_it_once(two: Pair) -> None:
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    unknown = db.unknown._value.get()
    two.lose_the_standby()
    with two.cutting_short() as cut, pytest.raises(OutcomeUnknown):
        post([payment])
    assert len(cut) == 1  # nobody waits for the same standby twice
    assert db.unknown._value.get() == unknown + 1
    two.get_the_standby_back()
    (transfer,) = post([payment])
    assert transfer.pk == payment.id
    assert Transfer.objects.filter(kind="payment").count() == 1
    assert balances(alice, bob) == [0, 1000]


def test_no_url_takes_the_wait_or_the_isolation_away(two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = (
        "-c synchronous_commit=off -c client_min_messages=error -c default_transaction_isolation=repeatable\\ read"
    )
    monkeypatch.setenv("DATABASE_URL", f"{os.environ['DATABASE_URL']}&options={quote(careless)}%20-c%20lock_timeout=7s")
    made = settings.database("DATABASE_URL", "serializable")["OPTIONS"]
    connections[ALIAS].close()
    connections[ALIAS].settings_dict["OPTIONS"]["options"] = made["options"]  # type: ignore[index]
    with connections[ALIAS].cursor() as cursor:
        for name, value in {
            "synchronous_commit": "on",
            "client_min_messages": "warning",
            "transaction_isolation": "serializable",
            "lock_timeout": "7s",
        }.items():
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (value,)


def test_one_whose_connection_was_ended_while_it_waited_is_not_either(two: Pair) -> None:
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    two.lose_the_standby()
    with two.cutting_short(TERMINATE), pytest.raises(OutcomeUnknown):
        post([payment])
    two.get_the_standby_back()
    assert post([payment]) == [Transfer(id=payment.id)]
    assert balances(alice, bob) == [0, 1000]


@pytest.mark.parametrize("how", [CANCEL, TERMINATE])
def test_a_retry_that_finds_it_on_the_primary_alone_does_not_acknowledge_it(two: Pair, how: str) -> None:
    """Another process, say, which knows nothing of the wait that was cut short."""
    alice, bob = account(1000), account()
    payment = order(alice, bob, 400)
    cut_short(two, payment)
    connections.close_all()
    with two.cutting_short(how):
        for again in (
            partial(post, [payment]),
            partial(post, [payment, order(alice, bob, 1)]),
            partial(serializable, partial(post, [payment])),
        ):
            with pytest.raises(OutcomeUnknown):
                again()
    two.get_the_standby_back()
    assert post([payment]) == [Transfer(id=payment.id)]
    assert serializable(lambda: post([payment])[0].id) == payment.id


def test_after_a_failover_it_is_gone_and_was_never_acknowledged(two: Pair) -> None:
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    cut_short(two, payment)
    two.fail_over()
    lead_to(two.standby)
    assert not Transfer.objects.filter(id=payment.id).exists()
    assert balances(alice, bob) == [1000, 0]
    post([payment])
    assert balances(alice, bob) == [0, 1000]


def test_a_block_is_not_done_either(two: Pair) -> None:
    alice, bob = account(1000), account()
    called: list[int] = []

    def work() -> None:
        post([order(alice, bob, 1)])
        db.on_commit(lambda: called.append(1))

    two.lose_the_standby()
    with two.cutting_short(), pytest.raises(OutcomeUnknown):
        serializable(work)
    assert called == []


def test_a_block_that_only_reads_can_prove_what_it_read(two: Pair) -> None:
    two.lose_the_standby()
    with two.cutting_short() as cut, pytest.raises(OutcomeUnknown):
        serializable(prove_replicated)
    assert len(cut) == 1


def test_a_later_commit_that_is_confirmed_confirms_the_earlier_ones(two: Pair) -> None:
    payment = order(account(1000), account(), 400)
    cut_short(two, payment)
    two.get_the_standby_back()
    prove_replicated()
    two.fail_over()
    lead_to(two.standby)
    assert Transfer.objects.filter(id=payment.id).exists()


def test_a_proof_that_nobody_cuts_short_ends_by_itself(two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replication, "PROOF_SECONDS", 0.3)
    two.lose_the_standby()
    with pytest.raises(OutcomeUnknown):
        prove_replicated()
    assert Account.objects.count() == 0  # on a connection that no late cancel can reach
    two.get_the_standby_back()
    prove_replicated()


def test_an_old_receipt_is_proven_once_and_a_young_one_each_time(two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    (transfer,) = post([order(account(1000), account(), 400)])
    written: list[str] = []
    real = replication.write_proof
    monkeypatch.setattr(replication, "write_proof", lambda alias: written.append(alias) or real(alias))
    for _ in range(2):
        prove_replicated(transfer.posted_at)
    assert written == ["default"] * 2
    old = transfer.posted_at - replication.SETTLED
    for _ in range(2):
        prove_replicated(old)
    assert written == ["default"] * 2
    connections["default"].close()  # the next one may lead to another server
    prove_replicated(old)
    assert written == ["default"] * 3


def test_nothing_is_written_where_there_is_no_standby_to_wait_for() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(replication.PROOF)
        assert cursor.fetchone()[1] is None


def test_nothing_is_proven_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="COMMIT"):
        prove_replicated()


# The pages


@pytest.fixture
def payment(two: Pair) -> Payment:
    ada, grace = people.make_customer("ada", "Ada Lovelace"), people.make_customer("grace", "Grace Hopper")
    people.fund(ada, 100_00)
    return Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="Lunch")


def test_the_pages_are_checking_it_until_the_standby_has_it(two: Pair, payment: Payment) -> None:
    browser = people.sign_in(payment.payer)
    browser.raise_request_exception = False
    two.lose_the_standby()
    with two.cutting_short():
        answers = [browser.post(f"/send/{payment.id}/check/", RIGHT), browser.get(payment.done_url)]
        assert browser.get(f"/activity/{payment.id}/").status_code == 503
        again = browser.post(f"/send/{payment.id}/check/", RIGHT, follow=True)
    assert payment.transfer is not None
    for answer in [*answers, again]:
        html = answer.content.decode()
        assert answer.status_code == 202
        assert "We are checking this payment" in html and "Payment sent" not in html
    two.get_the_standby_back()
    assert "Payment sent" in browser.get(payment.done_url).content.decode()
    assert browser.get(f"/activity/{payment.id}/").status_code == 200
    assert people.balance(payment.payer) == 87_66


def test_confirming_again_proves_what_it_finds(two: Pair, payment: Payment) -> None:
    two.lose_the_standby()
    with two.cutting_short():
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                confirm(payment=payment, payer=payment.payer, pin=people.PAYMENT_PIN)
    assert payment.transfer is not None
    two.get_the_standby_back()
    confirm(payment=payment, payer=payment.payer, pin="")


def test_demo_money_is_not_said_to_be_there(two: Pair) -> None:
    browser: Client = people.sign_in(ada := people.make_customer("ada", "Ada Lovelace"))
    people.fund(ada, 1)
    two.lose_the_standby()
    for _ in range(2):  # asked for, and asked again
        with two.cutting_short():
            html = browser.post("/wallet/demo-money/", follow=True).content.decode()
        assert "We are checking whether the demo money has arrived" in html
    two.get_the_standby_back()
    assert "has had its demo money" in browser.post("/wallet/demo-money/", follow=True).content.decode()
