"""Payees: whom a customer has paid, in front of the form, found by any name, and watched for a new one."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ledger.models import Account, Transfer
from payments.models import Payee, Payment
from tests import people
from tests.statements.history import pay, take_over

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
PIN = {"pin": people.PAYMENT_PIN}


@pytest.fixture
def payee(ada: User, grace: User) -> Payee:
    people.fund(ada, 500_00)
    Payee.objects.paid(ada.pk, grace, timezone.now() - timedelta(days=3))
    return Payee.objects.get()


def send(client: Client, **typed: str) -> str:
    """The address of the check."""
    return str(client.post("/send/", {"payee": "@grace", "amount": "12.34", "note": "Lunch"} | typed)["Location"])


def names(client: Client, address: str) -> list[str]:
    return re.findall(r'class="payee__name".*?<bdi>(.*?)</bdi>', client.get(address).content.decode(), re.DOTALL)


# What a payment leaves behind


def test_a_payment_notes_whom_it_was_to_and_under_which_name(as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 100_00)
    check = send(as_ada)
    assert not Payee.objects.exists()
    as_ada.post(check, {"pin": "000000"})
    assert not Payee.objects.exists()
    for _ in range(2):
        as_ada.post(check, PIN)
    payee = Payee.objects.get()
    assert (payee.owner, payee.person, payee.last_name) == (ada, grace, "Grace Hopper")
    assert payee.last_paid_at == Transfer.objects.get(kind="payment").posted_at
    User.objects.filter(pk=grace.pk).update(full_name="Grace Murray")
    as_ada.post(send(as_ada), PIN)
    later = Payee.objects.get()
    assert later.last_name == "Grace Murray" and later.last_paid_at > payee.last_paid_at


def test_a_payment_that_is_refused_leaves_none(as_ada: Client, grace: User) -> None:
    as_ada.post(send(as_ada), PIN)
    assert not Payee.objects.exists()


def test_what_the_customer_said_of_them_stays(as_ada: Client, payee: Payee) -> None:
    Payee.objects.update(nickname="Flatmate", starred=True)
    as_ada.post(send(as_ada), PIN)
    assert Payee.objects.get().nickname == "Flatmate" and Payee.objects.get().starred


def test_nobody_is_a_payee_of_their_own_or_twice(ada: User, payee: Payee) -> None:
    for person in (ada, payee.person):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payee.objects.create(owner=ada, person=person, last_name="x", last_paid_at=timezone.now())


# The page for sending money


def test_it_opens_with_the_starred_and_then_the_latest(as_ada: Client, ada: User, payee: Payee) -> None:
    for days, name in enumerate(["Bob Bright", "Carol Coe", "Dan Dee"], start=1):
        person = people.make_customer(name.split()[0].lower(), name)
        Payee.objects.paid(ada.pk, person, timezone.now() - timedelta(days=days))
    Payee.objects.filter(person__handle="dan").update(starred=True, nickname="Danny")
    assert names(as_ada, "/send/") == ["Danny", "Bob Bright", "Carol Coe", "Grace Hopper"]
    html = as_ada.get("/send/").content.decode()
    assert "Dan Dee" in html and "@dan" in html and "paid yesterday" in html and ">GH<" in html
    assert 'name="payee"' in html
    User.objects.filter(handle="bob").update(is_active=False)
    assert "Bob Bright" not in names(as_ada, "/send/")


@pytest.mark.parametrize("asked", ["gra", "HOPPER", "@grace", "muller", "Müller grace", "flat hopp"])
@pytest.mark.parametrize("page", ["/send/", "/payees/"])
def test_a_search_finds_them_by_any_name(as_ada: Client, payee: Payee, page: str, asked: str) -> None:
    Payee.objects.update(nickname="Müller’s flatmate")
    assert names(as_ada, f"{page}?q={asked}") == ["Müller’s flatmate"]
    assert "nobody called" in as_ada.get(f"{page}?q=charlie").content.decode()


def test_a_search_finds_nobody_elses(as_grace: Client, payee: Payee) -> None:
    people.make_customer("charlie", "Charlie Babbage")
    for asked in ("ada", "charlie", "grace"):
        assert names(as_grace, f"/payees/?q={asked}") == []


def test_too_long_a_search_is_told_beside_its_field(as_ada: Client, payee: Payee) -> None:
    page = as_ada.get("/send/", {"q": "x" * 200})
    assert 'id="id_q_error"' in page.content.decode()


def test_one_tap_asks_for_nothing_but_amount_and_note(as_ada: Client, payee: Payee) -> None:
    html = as_ada.get("/send/?to=@grace").content.decode()
    assert "Grace Hopper" in html and 'name="payee"' not in html and 'name="amount"' in html
    response = as_ada.post("/send/?to=@grace", {"amount": "5", "note": "Tea"})
    assert Payment.objects.get().payee == payee.person
    assert response["Location"] == f"/send/{Payment.objects.get().id}/check/"


def test_whoever_was_never_paid_is_asked_for_as_ever(as_ada: Client, payee: Payee) -> None:
    people.make_customer("charlie", "Charlie Babbage")
    html = as_ada.get("/send/?to=@charlie&amount=5&note=Tea").content.decode()
    assert "Babbage" not in html
    assert 'value="@charlie"' in html and 'value="5"' in html and 'value="Tea"' in html


def test_a_payee_who_was_closed_cannot_be_paid(as_ada: Client, payee: Payee) -> None:
    User.objects.filter(pk=payee.person.pk).update(is_active=False)
    as_ada.post("/send/?to=@grace", {"amount": "5", "note": ""})
    assert not Payment.objects.exists()


def test_a_payee_whose_set_up_came_undone_is_told(as_ada: Client, payee: Payee) -> None:
    User.objects.filter(pk=payee.person.pk).update(recovery_saved_at=None)
    page = as_ada.post("/send/?to=@grace", {"amount": "5", "note": ""})
    assert "cannot be paid at the moment" in page.content.decode()
    assert not Payment.objects.exists()


def test_a_name_that_changed_is_said_on_both_pages(as_ada: Client, payee: Payee) -> None:
    said = "The name has changed."
    assert said not in as_ada.get("/send/?to=@grace").content.decode()
    User.objects.filter(pk=payee.person.pk).update(full_name="Grace Murray")
    for page in (as_ada.get("/send/?to=@grace"), as_ada.get(send(as_ada))):
        html = page.content.decode()
        assert said in html and "Grace Hopper" in html and "Grace Murray" in html


def test_going_back_finds_what_was_typed_until_it_is_paid(as_ada: Client, payee: Payee) -> None:
    for address in ("/send/?to=@grace", "/send/"):
        check = as_ada.post(address, {"payee": "@grace", "amount": "12,34", "note": "Lunch"})["Location"]
        html = as_ada.get(address).content.decode()
        assert 'value="12.34"' in html and 'value="Lunch"' in html
        assert 'value="12.34"' not in as_ada.get("/send/?to=@charlie").content.decode()
        as_ada.post(check, PIN)
        assert 'value="12.34"' not in as_ada.get(address).content.decode()


def test_changing_the_amount_keeps_the_payee(as_ada: Client, payee: Payee) -> None:
    html = as_ada.get(send(as_ada)).content.decode()
    change = re.findall(r'href="(/send/\?to=[^"#]*)#id_amount"', html)[0].replace("&amp;", "&")
    html = as_ada.get(change).content.decode()
    assert 'value="12.34"' in html and 'name="payee"' not in html


# The check


def test_a_shown_balance_that_is_too_small_disables_paying(as_ada: Client, payee: Payee) -> None:
    check = send(as_ada, amount="500.01")
    assert 'name="pin"' in as_ada.get(check).content.decode()
    people.reveal(as_ada)
    html = as_ada.get(check).content.decode()
    assert 'name="pin"' not in html
    assert "not enough in your wallet" in html and "Change the amount" in html and "€500.00" in html


# Pages about them


def test_a_payee_has_a_nickname_and_a_star(as_ada: Client, payee: Payee) -> None:
    address = f"/payees/{payee.pk}/"
    assert as_ada.post(address, {"nickname": " Flat  mate ", "starred": "on"})["Location"] == address
    payee.refresh_from_db()
    assert (payee.nickname, payee.starred) == ("Flat mate", True)
    page = as_ada.post(address, {"nickname": "x" * 41})
    assert "at most 40" in page.context["form"].errors["nickname"][0]
    as_ada.post(address, {"nickname": ""})
    payee.refresh_from_db()
    assert (payee.nickname, payee.starred) == ("", False)


@pytest.mark.parametrize("is_taken_over", [True, False])
def test_a_payee_has_a_history_by_key(as_ada: Client, ada: User, payee: Payee, is_taken_over: bool) -> None:
    hers, his = Account.objects.for_owner(ada), Account.objects.for_owner(payee.person)
    other = Account.objects.for_owner(people.make_customer("charlie", "Charlie Babbage"))
    for cents in range(1, 23):
        pay(hers, his, cents)
        pay(hers, other, 1_00)
    pay(his, hers, 22)
    if is_taken_over:
        take_over()
    first = as_ada.get(f"/payees/{payee.pk}/")
    second = as_ada.get(f"/payees/{payee.pk}/?before={first.context['page'].older}")
    amounts = [line.entry.signed_amount for page in (first, second) for line in page.context["page"].lines]
    assert amounts == [22, *range(-22, 0)]
    assert as_ada.get(f"/payees/{payee.pk}/?before=x").status_code == 404


def test_nobody_sees_or_changes_anothers(as_grace: Client, payee: Payee) -> None:
    assert as_grace.get(f"/payees/{payee.pk}/").status_code == 404
    assert as_grace.post(f"/payees/{payee.pk}/", {"nickname": "x"}).status_code == 404


def test_each_payment_that_went_out_can_be_made_again(as_ada: Client, ada: User, payee: Payee) -> None:
    hers, his = Account.objects.for_owner(ada), Account.objects.for_owner(payee.person)
    pay(his, hers, 1) if his.balance else None
    made = pay(hers, his, 12_34, memo="Tea & cake")
    again = "/send/?to=%40grace&amp;amount=12.34&amp;note=Tea+%26+cake"
    html = as_ada.get("/activity/").content.decode()
    assert html.count("activity__again") == 1  # the deposit is nobody's to make again
    for page in (html, as_ada.get(f"/activity/{made}/").content.decode()):
        assert again in page
    filled = as_ada.get(again.replace("&amp;", "&")).content.decode()
    assert 'value="12.34"' in filled and 'value="Tea &amp; cake"' in filled and 'name="payee"' not in filled
    as_ada.post(send(as_ada), PIN)
    assert "Pay again" in as_ada.get(f"/send/{Payment.objects.get().id}/done/").content.decode()
