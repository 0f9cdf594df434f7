"""Where more is at stake: the payment PIN and a code of the authenticator, as one."""

import re
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.credentials import hashing, recovery_codes, totp
from accounts.errors import CodeUsed, WrongSecret
from accounts.models import Authenticator, Guard, SecurityEvent, User
from ledger.db import serializable
from ledger.models import Account, Transfer
from ledger.posting import Order, OutcomeUnknown, post
from payments.gate import confirm
from payments.models import Approval, Payment
from payments.rules import CodeNeeded, Reason, reason_for_code, sent_without_code
from tests import people
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
PIN, WRONG_PIN = people.PAYMENT_PIN, "111111"
REFUSED = "The PIN or the code is not right."


@pytest.fixture
def payment(ada: User, grace: User) -> Payment:
    """One that takes a code: 250.00 to somebody new."""
    people.fund(ada, 5_000_00)
    return draft(ada, grace)


def draft(payer: User, payee: User, amount: int = 250_00) -> Payment:
    return Payment.objects.draft(payer=payer, payee=payee, amount=amount, note="")


def pay(payer: Account, payee: Account, amount: int = 1, kind: str = "payment", **more: Any) -> None:
    post([Order(id=uuid.uuid4(), debit=payer, credit=payee, amount=amount, kind=kind, **more)])


def in_hours(hours: float) -> Any:
    """As if so much time had passed since now."""
    return time_machine.travel(timezone.now() + timedelta(hours=hours))


def give(client: Client, payment: Payment, **typed: str) -> Any:
    return client.post(f"/send/{payment.id}/check/", typed)


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    return run_together(jobs)


def noting(notes: list[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which leaves its name behind at each call."""

    def noted(*given: Any) -> Any:
        notes.append(name)
        return function(*given)

    return noted


def code_of(payer: User) -> str:
    return people.code_for(payer)


def wrong_code(payer: User) -> str:
    """One that none of the steps around now shows."""
    near = {people.code_for(payer, offset) for offset in range(-3, 4)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in near)


def is_paid(payment: Payment) -> bool:
    return Transfer.objects.filter(id=payment.id).exists()


# When a code is asked for


@pytest.mark.parametrize(
    ("amount", "to_somebody_new", "to_somebody_known"),
    [
        (199_99, None, None),
        (200_00, Reason.NEW_PAYEE, None),
        (999_99, Reason.NEW_PAYEE, None),
        (1_000_00, Reason.NEW_PAYEE, Reason.HIGH_AMOUNT),
    ],
)
def test_amount_and_books_decide(
    ada: User, grace: User, amount: int, to_somebody_new: Reason | None, to_somebody_known: Reason | None
) -> None:
    wallet = people.fund(ada, 1)
    payment = draft(ada, grace, amount)
    assert reason_for_code(payment) == to_somebody_new
    pay(wallet, Account.objects.for_owner(grace))
    with in_hours(25):
        assert reason_for_code(payment) == to_somebody_known


def test_the_amounts_are_settings(settings: Settings, ada: User, grace: User) -> None:
    settings.NEW_PAYEE_CODE_FROM, settings.CODE_FROM = 5_00, 3_00
    assert reason_for_code(draft(ada, grace, 2_99)) is None
    assert reason_for_code(draft(ada, grace, 3_00)) == Reason.HIGH_AMOUNT
    assert reason_for_code(draft(ada, grace, 5_00)) == Reason.NEW_PAYEE


def test_being_paid_or_paying_somebody_else_or_a_return_makes_nobody_known(
    ada: User, grace: User, charlie: User
) -> None:
    hers, graces, charlies = people.fund(ada, 9), people.fund(grace, 9), people.fund(charlie, 9)
    pay(graces, hers)
    pay(hers, charlies)
    pay(charlies, graces)
    received = Transfer.objects.get(debit_account=graces, credit_account=hers)
    pay(hers, graces, reverses=received)
    with in_hours(25):
        assert reason_for_code(draft(ada, grace)) == Reason.NEW_PAYEE
        assert reason_for_code(draft(ada, charlie)) is None


def test_the_page_asks_for_both_and_says_why(as_ada: Client, payment: Payment, ada: User, grace: User) -> None:
    html = as_ada.get(f"/send/{payment.id}/check/").content.decode()
    assert 'You have not paid <bdi translate="no">Grace Hopper</bdi> before, or only in the last 24 hours' in html
    assert re.search(r"and this\s+is\s+€200.00 or more", html)
    assert 'name="pin"' in html and 'name="code"' in html
    assert 'autocomplete="one-time-code"' in html
    pay(payment.payer_account, payment.payee_account)
    with in_hours(25):
        as_ada = people.sign_in(ada)
        assert b'name="code"' not in as_ada.get(f"/send/{draft(ada, grace).id}/check/").content
        html = as_ada.get(f"/send/{draft(ada, grace, 1_000_00).id}/check/").content.decode()
    assert re.search(r"This\s+is\s+€1,000.00 or more", html) and 'name="code"' in html


# Amounts add up


def test_a_first_cent_makes_nobody_known_for_a_day(ada: User, grace: User) -> None:
    pay(people.fund(ada, 9), Account.objects.for_owner(grace))
    with in_hours(23.9):
        assert reason_for_code(draft(ada, grace, 999_99)) == Reason.NEW_PAYEE
    with in_hours(24.1):
        assert reason_for_code(draft(ada, grace, 999_99)) is None


def test_what_went_to_somebody_new_adds_up(ada: User, grace: User, charlie: User) -> None:
    wallet = people.fund(ada, 500_00)
    pay(wallet, Account.objects.for_owner(grace), amount=150_00)
    assert reason_for_code(draft(ada, grace, 49_99)) is None
    assert reason_for_code(draft(ada, grace, 50_00)) == Reason.NEW_PAYEE
    assert reason_for_code(draft(ada, charlie, 50_00)) is None


def test_what_left_the_wallet_adds_up_for_a_day(ada: User, grace: User, charlie: User) -> None:
    wallet, graces = people.fund(ada, 5_000_00), Account.objects.for_owner(grace)
    for _ in range(3):
        pay(wallet, graces, amount=300_00)
    assert reason_for_code(draft(ada, charlie, 99_99)) is None
    assert reason_for_code(draft(ada, charlie, 100_00)) == Reason.HIGH_AMOUNT
    with in_hours(23.9):
        assert reason_for_code(draft(ada, charlie, 100_00)) == Reason.HIGH_AMOUNT
    with in_hours(24.1):
        assert reason_for_code(draft(ada, charlie, 100_00)) is None


def test_what_came_in_what_others_sent_and_what_is_no_payment_does_not_add_up(
    ada: User, grace: User, charlie: User
) -> None:
    hers, graces = people.fund(ada, 5_000_00), people.fund(grace, 5_000_00)
    pay(graces, hers, amount=999_99)
    pay(graces, Account.objects.for_owner(charlie), amount=999_99)
    pay(hers, Account.objects.system("settlement"), amount=999_99, kind="withdrawal")
    assert reason_for_code(draft(ada, charlie, 199_99)) is None
    pay(hers, graces, amount=1)
    with in_hours(23.9):
        assert reason_for_code(draft(ada, charlie, 199_99)) is None


def test_what_a_code_approved_does_not_add_up(as_ada: Client, ada: User, grace: User, payment: Payment) -> None:
    give(as_ada, payment, pin=PIN, code=code_of(ada))
    assert is_paid(payment)
    assert reason_for_code(draft(ada, grace, 199_99)) is None


def test_small_payments_one_after_the_other_end_at_a_code(as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 5_000_00)
    for amount in (1, 100_00, 99_98):
        assert give(as_ada, draft(ada, grace, amount), pin=PIN).status_code == 302
    last = draft(ada, grace, 1)
    page = give(as_ada, last, pin=PIN)
    assert list(page.context["form"].errors) == ["code"]
    assert re.search(r"with what you sent them in that time without a code\s+is\s+€200.00", page.content.decode())
    assert not is_paid(last) and people.balance(ada) == 4_800_01
    assert give(as_ada, last, pin=PIN, code=code_of(ada)).status_code == 302


def test_the_page_says_what_adds_up(as_ada: Client, ada: User, grace: User, charlie: User) -> None:
    pay(people.fund(ada, 5_000_00), Account.objects.for_owner(grace), amount=999_99)
    html = as_ada.get(f"/send/{draft(ada, charlie, 1).id}/check/").content.decode()
    assert re.search(r"This\s+with what you sent in the last 24 hours without a code\s+is\s+€1,000.00 or more", html)


def test_the_pin_is_not_read_where_it_takes_a_code_too(ada: User, payment: Payment) -> None:
    with pytest.raises(CodeNeeded):
        confirm(payment=payment, payer=ada, pin=PIN)
    assert not Guard.objects.exists() and not is_paid(payment)


@pytest.mark.parametrize("number", [2, 12])
def test_small_payments_at_once_do_not_pass_together(
    ada: User, grace: User, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Each finds room for itself before any is posted."""
    people.fund(ada, 5_000_00)
    drafts = [draft(ada, grace, 199_99) for _ in range(number)]
    proven = threading.Barrier(number)
    monkeypatch.setattr("payments.proof.prove", lambda *_: proven.wait(30))
    results = at_once([partial(confirm, payment=each, payer=ada, pin=PIN) for each in drafts])
    assert sorted(map(repr, results)) == sorted(["None"] + ["CodeNeeded()"] * (number - 1))
    assert people.balance(ada) == 4_800_01


def test_one_that_no_longer_passes_leads_back_to_a_page_that_says_why(
    as_ada: Client, ada: User, grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = people.fund(ada, 5_000_00)
    small = draft(ada, grace, 100_00)
    monkeypatch.setattr("payments.proof.prove", lambda *_: pay(wallet, small.payee_account, amount=100_00))
    answer = give(as_ada, small, pin=PIN)
    assert answer["Location"] == f"/send/{small.id}/check/"
    html = as_ada.get(answer["Location"]).content.decode()
    assert "Nothing was sent yet" in html and 'name="code"' in html
    assert not is_paid(small) and people.balance(ada) == 4_900_00


def test_a_lost_answer_to_commit_is_asked_for_and_the_payment_not_counted_against_itself(
    ada: User, grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.fund(ada, 5_000_00)
    payment = draft(ada, grace, 150_00)
    asked: list[str] = []

    def losing(work: Callable[[], None], accounts: list[int]) -> None:
        asked.append("once")
        serializable(work, accounts)
        if len(asked) == 1:
            pay(payment.payer_account, payment.payee_account, amount=199_99)
            raise OutcomeUnknown

    monkeypatch.setattr("payments.settling.serializable", losing)
    confirm(payment=payment, payer=ada, pin=PIN)
    assert len(asked) == 2
    assert people.balance(ada) == 5_000_00 - 150_00 - 199_99


# What it takes


@pytest.mark.asvs("7.5.3")
def test_pin_and_code_pay(as_ada: Client, ada: User, payment: Payment) -> None:
    code = code_of(ada)
    assert give(as_ada, payment, pin=PIN, code=f"{code[:3]} {code[3:]}")["Location"] == payment.done_url
    assert is_paid(payment)
    assert Approval.objects.get().payment == payment


@pytest.mark.parametrize("typed", [None, "", "12345", "1234567", "١٢٣٤٥٦", "12345\0"])
def test_the_pin_alone_does_not(as_ada: Client, payment: Payment, typed: str | None) -> None:
    page = give(as_ada, payment, pin=PIN, **({} if typed is None else {"code": typed}))
    assert list(page.context["form"].errors) == ["code"]
    assert 'id="id_code_error"' in page.content.decode()
    assert not is_paid(payment)
    assert not Guard.objects.exists()  # what cannot be a code costs no try


def test_a_recovery_code_does_not(as_ada: Client, ada: User, payment: Payment) -> None:
    page = give(as_ada, payment, pin=PIN, code=recovery_codes.issue_recovery(ada)[0])
    assert list(page.context["form"].errors) == ["code"]
    assert ada.recovery_codes.filter(used_at=None).count() == 10
    assert not is_paid(payment)


def test_a_code_twice_in_one_form_is_refused(as_ada: Client, ada: User, payment: Payment) -> None:
    code = code_of(ada)
    page = as_ada.post(f"/send/{payment.id}/check/", {"pin": PIN, "code": [wrong_code(ada), code]})
    assert "sent more than once" in page.context["form"].errors["code"][0]
    assert not is_paid(payment)


# Neither answer tells which of the two was wrong


def outcomes(ada: User, payment: Payment) -> dict[str, Any]:
    """What each wrong pair leads to, one after the other, each in a browser of its own."""
    pairs = {
        "wrong PIN": {"pin": WRONG_PIN, "code": code_of(ada)},
        "wrong code": {"pin": PIN, "code": wrong_code(ada)},
        "both wrong": {"pin": WRONG_PIN, "code": wrong_code(ada)},
    }
    return {name: (people.sign_in(ada), pair) for name, pair in pairs.items()}


def test_the_pages_the_counters_and_the_log_are_the_same(ada: User, payment: Payment) -> None:
    seen = set()
    for client, pair in outcomes(ada, payment).values():
        page = give(client, payment, **pair)
        body = re.sub(r'value="[\w-]{64}"', "", page.content.decode())
        assert REFUSED in body and pair["pin"] not in body and pair["code"] not in body
        guards = Guard.objects.order_by("kind").values_list("kind", "failures", "pending")
        event = SecurityEvent.objects.latest("id")
        seen.add((page.status_code, body, str(list(guards)), event.kind))
        Guard.objects.all().delete()
    assert len(seen) == 1
    assert "('approval', 1, {}), ('payment', 1, {})" in str(seen)
    assert SecurityEvent.objects.count() == 3
    assert not is_paid(payment)


def test_the_tries_left_tell_of_neither(as_ada: Client, payment: Payment, ada: User) -> None:
    """Also when wrong PINs of payments without a code went before, which count on the PIN alone."""
    small = draft(ada, payment.payee, 1_00)
    give(as_ada, small, pin=WRONG_PIN)
    said = [
        give(as_ada, payment, pin=pin, code=code).context["form"].refusal
        for pin, code in ((PIN, wrong_code(ada)), (WRONG_PIN, code_of(ada)), (WRONG_PIN, wrong_code(ada)))
    ]
    assert said == [f"{REFUSED} Enter both again. {left}" for left in ("3 tries left.", "2 tries left.", "1 try left.")]
    page = give(as_ada, payment, pin=PIN, code=wrong_code(ada))
    assert page.context["form"].refusal.startswith(
        "Too many wrong tries. For your safety you can try again in 1 minute"
    )
    assert 'href="/settings/security/pins/"' in page.content.decode()


def test_the_work_is_the_same(ada: User, payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(hashing, "matches", noting(done, "hash", hashing.matches))
    monkeypatch.setattr(totp, "matching_step", noting(done, "code", totp.matching_step))
    work = {}
    for name, (client, pair) in outcomes(ada, payment).items():
        done.clear()
        give(client, payment, **pair)
        work[name] = list(done)
    assert list(work.values()) == [["hash", "code"]] * 3


def test_a_right_code_beside_a_wrong_pin_stays_good(as_ada: Client, ada: User, payment: Payment) -> None:
    code = code_of(ada)
    assert REFUSED in give(as_ada, payment, pin=WRONG_PIN, code=code).content.decode()
    assert not Approval.objects.exists()
    assert give(as_ada, draft(ada, payment.payee), pin=PIN, code=code).status_code == 302


@pytest.mark.asvs("6.3.1")
@pytest.mark.parametrize("wrong", ["pin", "code"])
def test_five_wrong_pairs_lock_both_alike(as_ada: Client, ada: User, payment: Payment, wrong: str) -> None:
    pair = {"pin": PIN, "code": code_of(ada)}
    for _ in range(5):
        page = give(as_ada, payment, **pair | {wrong: WRONG_PIN if wrong == "pin" else wrong_code(ada)})
    assert "Too many wrong tries" in page.context["form"].non_field_errors()[0]
    page = give(as_ada, payment, **pair)
    assert "Too many wrong tries" in page.context["form"].non_field_errors()[0]
    assert set(Guard.objects.exclude(locked_until=None).values_list("kind", flat=True)) == {"payment", "approval"}
    assert not Guard.objects.filter(kind="totp").exists()  # signing in goes on
    logged = SecurityEvent.objects.order_by("id").values_list("kind", flat=True)
    assert list(logged) == ["approval_refused"] * 4 + ["locked"]
    assert not is_paid(payment)


def test_a_small_payment_does_not_forgive_wrong_codes(as_ada: Client, ada: User, grace: User, payment: Payment) -> None:
    """Who knows the PIN could otherwise end the run of failures with it before each fifth guess."""
    for _ in range(4):
        give(as_ada, payment, pin=PIN, code=wrong_code(ada))
    small = draft(ada, grace, 1)
    assert give(as_ada, small, pin=PIN).status_code == 302
    high = draft(ada, grace, 1_000_00)
    assert "Too many wrong tries" in give(as_ada, high, pin=PIN, code=wrong_code(ada)).content.decode()


def test_a_lock_on_codes_takes_no_try_from_the_pin(as_ada: Client, ada: User, payment: Payment) -> None:
    Guard.objects.create(subject=ada.id, kind="approval", locked_until=timezone.now() + timedelta(minutes=1))
    for _ in range(6):
        page = give(as_ada, payment, pin=WRONG_PIN, code=code_of(ada))
        assert "Too many wrong tries" in page.content.decode()
    guard = Guard.objects.get(kind="payment")
    assert (guard.failures, guard.pending, guard.locks) == (0, {}, 0)


@pytest.mark.asvs("6.3.1")
def test_guesses_at_once_are_not_more_guesses(ada: User, payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(hashing, "matches", noting(hashed, "hash", hashing.matches))
    wrong = wrong_code(ada)
    browsers = [people.sign_in(ada) for _ in range(20)]
    at_once([partial(give, browser, payment, pin=PIN, code=wrong) for browser in browsers])
    assert 1 <= len(hashed) <= 5
    assert "Too many wrong tries" in give(people.sign_in(ada), payment, pin=PIN, code=code_of(ada)).content.decode()


# A code is good once, for one payment


@pytest.mark.asvs("6.5.1")
def test_a_code_that_signed_somebody_in_does_not_pay(as_ada: Client, ada: User, payment: Payment) -> None:
    code = code_of(ada)
    Authenticator.objects.get(user=ada).spend(code)
    page = give(as_ada, payment, pin=PIN, code=code)
    assert "Wait for the next one" in page.context["form"].errors["code"][0]
    assert Guard.objects.get(kind="payment").failures == 0  # no guess
    page = give(as_ada, payment, pin=WRONG_PIN, code=code)
    assert REFUSED in page.content.decode() and "Wait for the next one" not in page.content.decode()
    assert give(as_ada, payment, pin=PIN, code=people.code_for(ada, 1)).status_code == 302


@pytest.mark.asvs("6.5.1")
def test_a_code_that_paid_does_not_sign_in(as_ada: Client, ada: User, payment: Payment) -> None:
    code = code_of(ada)
    give(as_ada, payment, pin=PIN, code=code)
    assert not Authenticator.objects.get(user=ada).verify_token(code)


def test_twenty_confirms_at_once_with_one_code_are_twenty_receipts(ada: User, payment: Payment) -> None:
    code = code_of(ada)
    browsers = [people.sign_in(ada) for _ in range(20)]
    pages = at_once([partial(give, browser, payment, pin=PIN, code=code) for browser in browsers])
    assert [page["Location"] for page in pages] == [payment.done_url] * 20
    assert people.balance(ada) == 4_750_00
    assert Approval.objects.count() == 1
    assert [(guard.failures, guard.pending, guard.locks) for guard in Guard.objects.all()] == [(0, {}, 0)] * 2


@pytest.mark.asvs("6.5.1")
def test_one_code_at_once_for_many_payments_approves_one(ada: User, payment: Payment, grace: User) -> None:
    drafts = [draft(ada, grace, 1_000_00) for _ in range(10)]
    people.fund(ada, 10_000_00)
    code = code_of(ada)
    browsers = [people.sign_in(ada) for _ in drafts]
    jobs = [partial(give, client, each, pin=PIN, code=code) for client, each in zip(browsers, drafts, strict=True)]
    pages = at_once(jobs)
    assert sorted(page.status_code for page in pages) == [200] * 9 + [302]
    assert sum(map(is_paid, drafts)) == 1
    assert sum(b"Wait for the next one" in page.content for page in pages) == 9


def test_a_payment_that_could_not_be_made_takes_its_code_again_and_no_other_payment_does(
    as_ada: Client, ada: User, grace: User
) -> None:
    payment, other = draft(ada, grace), draft(ada, grace)
    code = code_of(ada)
    assert "not enough money" in give(as_ada, payment, pin=PIN, code=code).content.decode()
    people.fund(ada, 1_000_00)
    assert "Wait for the next one" in give(as_ada, other, pin=PIN, code=code).content.decode()
    assert REFUSED in give(as_ada, payment, pin=WRONG_PIN, code=code).content.decode()
    assert give(as_ada, payment, pin=PIN, code=code).status_code == 302
    assert is_paid(payment) and not is_paid(other)


def test_a_code_is_not_used_up_before_it_is_written_what_for(
    as_ada: Client, ada: User, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise OSError

    as_ada.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(Approval.objects, "get_or_create", fail)
        assert give(as_ada, payment, pin=PIN, code=code_of(ada)).status_code == 500
    assert Authenticator.objects.get(user=ada).last_step == -1


def test_an_approval_does_not_outlive_its_code(as_ada: Client, ada: User, grace: User) -> None:
    payment = draft(ada, grace)
    code = code_of(ada)
    give(as_ada, payment, pin=PIN, code=code)
    people.fund(ada, 1_000_00)
    with time_machine.travel(timezone.now() + timedelta(seconds=90)):
        assert REFUSED in give(as_ada, payment, pin=PIN, code=code).content.decode()
        assert give(as_ada, payment, pin=PIN, code=people.code_for(ada)).status_code == 302
    assert Approval.objects.count() == 2


def test_the_payees_code_is_not_the_payers(as_ada: Client, grace: User, payment: Payment) -> None:
    assert REFUSED in give(as_ada, payment, pin=PIN, code=code_of(grace)).content.decode()


def test_a_pin_kept_in_an_old_way_is_kept_anew(as_ada: Client, ada: User, payment: Payment, settings: Settings) -> None:
    settings.BCRYPT_ROUNDS += 1
    give(as_ada, payment, pin=PIN, code=code_of(ada))
    before, ada = ada.payment_pin, User.objects.get(pk=ada.pk)
    assert ada.payment_pin != before
    assert is_paid(payment)


def test_a_paid_draft_counts_as_nothing_against_itself(ada: User, grace: User) -> None:
    people.fund(ada, 5_000_00)
    paid = draft(ada, grace, 150_00)
    confirm(payment=paid, payer=ada, pin=PIN)
    assert sent_without_code(paid) == (0, 0)
    assert reason_for_code(paid) is None
    assert sent_without_code(draft(ada, grace, 1)) == (150_00, 150_00)


def test_what_committed_while_the_wallet_was_waited_for_counts(ada: User, grace: User) -> None:
    """The snapshot of a serializable transaction is older than that: the sums are read beside it."""
    people.fund(ada, 5_000_00)
    payment, other = draft(ada, grace, 150_00), draft(ada, grace, 100_00)
    seen: list[tuple[int, int]] = []

    def meanwhile() -> None:
        list(Transfer.objects.all())  # the snapshot is taken
        run_together([lambda: confirm(payment=other, payer=ada, pin=PIN)])
        seen.append(sent_without_code(payment))

    serializable(meanwhile)
    assert seen == [(100_00, 100_00)]


def test_a_code_used_for_another_step_approves_nothing_else(ada: User, payment: Payment) -> None:
    """The draft has an approval; only the code that is in it counts as used for this very draft."""
    Approval.objects.create(payment=payment, step=totp.step_at() - 1)
    code = code_of(ada)
    Authenticator.objects.get(user=ada).spend(code)
    with pytest.raises(CodeUsed):
        confirm(payment=payment, payer=ada, pin=PIN, code=code)
    assert not is_paid(payment)


def test_an_authenticator_that_is_not_confirmed_approves_nothing(ada: User, payment: Payment) -> None:
    Authenticator.objects.filter(user=ada).update(confirmed=False)
    with pytest.raises(WrongSecret):
        confirm(payment=payment, payer=ada, pin=PIN, code=code_of(ada))
    assert not is_paid(payment)
