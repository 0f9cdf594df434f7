import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.http import Http404
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from backoffice.admin.books import money
from ledger.lanes import note_wasted
from ledger.models import Account, Entry, HotAccount, Transfer
from ledger.posting import Order, post
from tests.ledger.books import BOTH, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

MODELS = [Account, Transfer, Entry, HotAccount]


@pytest.fixture
def payment() -> Transfer:
    alice, bob = Account.objects.for_owner(user("alice")), Account.objects.for_owner(user("bobby"))
    post([Order(id=uuid4(), debit=Account.objects.system("cash"), credit=alice, amount=500_00, kind="deposit")])
    (payment,) = post([Order(id=uuid4(), debit=alice, credit=bob, amount=1_234, kind="payment", memo="rent for June")])
    note_wasted([alice.pk])
    return payment


@pytest.fixture
def staff() -> User:
    staff = User.objects.create(email="audit@example.org", full_name="Audit", is_staff=True)
    staff.user_permissions.set(
        Permission.objects.filter(codename__startswith="view_", content_type__app_label="ledger")
    )
    return User.objects.get(pk=staff.pk)


class Pages:
    """The admin's views without its sign-in, which is not this app's."""

    def __init__(self, staff: User) -> None:
        self.staff = staff

    def _request(self, path: str, method: str = "get", **data: str):  # type: ignore[no-untyped-def]
        request = getattr(RequestFactory(), method)(path, data)
        request.user, request.session, request._messages = self.staff, {}, []
        request._dont_enforce_csrf_checks = True
        return request

    def list(self, model: type, **query: str) -> str:
        view: Any = admin.site._registry[model].changelist_view
        response = view(self._request(reverse(f"admin:ledger_{model.__name__.lower()}_changelist"), **query))
        assert response.status_code == 200, response.headers
        return str(response.render().content.decode())

    def detail(self, row: Account | Transfer | Entry | HotAccount, method: str = "get") -> str:
        name = type(row).__name__.lower()
        path = reverse(f"admin:ledger_{name}_change", args=[row.pk])
        view: Any = admin.site._registry[type(row)].change_view
        response = view(self._request(path, method), str(row.pk))
        return str(response.render().content.decode())


def text_of(page: str) -> str:
    return re.sub("<[^>]+>", "", page)


@pytest.fixture
def pages(staff: User) -> Pages:
    return Pages(staff)


def test_the_lists_show_the_books(pages: Pages, payment: Transfer) -> None:
    assert "€487.66" in pages.list(Account)
    assert payment.reference in pages.list(Transfer)
    assert "€12.34" in pages.list(Entry)
    assert payment.debit_account.number_display in pages.list(HotAccount)


def test_an_account_says_whose_it_is(pages: Pages, payment: Transfer) -> None:
    payer, cash = payment.debit_account, Account.objects.system("cash")
    alice = payer.owner
    assert alice
    assert str(payer) == f"{alice.full_name} @alice · {payer.number_display}"
    assert str(cash) == f"cash · {cash.number_display}"
    for model in (Transfer, Entry, HotAccount):
        assert str(payer) in text_of(pages.list(model)), model


def test_each_list_can_be_walked_by_date(pages: Pages, payment: Transfer) -> None:
    for model in (Account, Transfer, Entry):
        assert 'class="toplinks"' in pages.list(model), model
    assert 'class="toplinks"' not in pages.list(HotAccount)
    year = str(payment.posted_at.year)
    assert payment.debit_account.number_display in pages.list(Account, opened_at__year=year)
    assert payment.debit_account.number_display not in pages.list(Account, opened_at__year="1999")
    assert payment.reference not in pages.list(Transfer, posted_at__year="1999")
    assert "€12.34" not in pages.list(Entry, posted_at__year="1999")


@pytest.mark.parametrize("model", MODELS)
def test_the_lists_take_few_queries_however_long(
    model: type, pages: Pages, payment: Transfer, django_assert_max_num_queries: Any
) -> None:
    for name in ("carol", "dave1", "erin1", "frank"):
        wallet = Account.objects.for_owner(user(name))
        post([Order(id=uuid4(), debit=payment.debit_account_id, credit=wallet, amount=1, kind="payment")])
        note_wasted([wallet.pk])
    with django_assert_max_num_queries(10):
        pages.list(model)


def test_a_transfer_shows_its_two_entries(pages: Pages, payment: Transfer) -> None:
    page = pages.detail(payment)
    for entry in payment.entries.all():
        assert entry.account.number_display in page
        assert bytes(entry.digest).hex() in page
    assert bytes(payment.fingerprint).hex() in page
    assert "€12.34" in page


def test_every_row_can_be_looked_at(pages: Pages, payment: Transfer) -> None:
    assert "€487.66" in pages.detail(payment.debit_account)
    assert payment.reference in pages.detail(payment.entries.get(side="debit"))
    assert "Wasted attempts" in pages.detail(HotAccount.objects.get())


def test_it_finds_by_what_people_know(pages: Pages, payment: Transfer) -> None:
    for term in (
        payment.reference,
        str(payment.pk),
        "rent for",
        payment.debit_account.number,
        payment.debit_account.number_display,
        "@alice",
        "@bobby",
        "bobby@example.org",
        "bobb",
    ):
        assert payment.reference in pages.list(Transfer, q=term), term
    number, reference = payment.debit_account.number, payment.reference
    for copied in (
        f"{number[:4]}\u00a0{number[4:8]}\u2013{number[8:]}",
        f"{number[:4]}-{number[4:8]}",
        f"Account number: {payment.debit_account.number_display}",
        f"\u200b{reference.lower().replace('-', chr(0x2013))}",
        str(payment.pk).replace("-", "\u2011"),
        "＠alice",
        "Alice <alice@example.org>",
    ):
        assert reference in pages.list(Transfer, q=copied), copied
    assert payment.reference not in pages.list(Transfer, q="0000-0000")
    eight, cash = Account.objects.for_owner(user("babbages")), Account.objects.system("cash")
    (other,) = post([Order(id=uuid4(), debit=cash, credit=eight, amount=1, kind="deposit")])
    assert other.reference in pages.list(Transfer, q="babbages")
    assert "€487.66" in pages.list(Account, q="alice@example.org")
    assert "€487.66" in pages.list(Account, q=" @alice")
    assert "€487.66" not in pages.list(Account, q="@bobby")
    assert payment.reference not in pages.list(Transfer, q="@nobody")
    assert "€12.34" in pages.list(Entry, q="@bobby")
    assert "€12.34" not in pages.list(Entry, account__id__exact=str(Account.objects.system("cash").pk))


@pytest.mark.parametrize("term", ["@alice", " @ALICE ", "＠Alice", "Alice @alice", "@bobby rent"])
def test_a_handle_is_found_as_it_is_written(pages: Pages, payment: Transfer, term: str) -> None:
    assert payment.reference in pages.list(Transfer, q=term)
    assert "€12.34" in pages.list(Entry, q=term)
    if "bobby" not in term:
        assert "€487.66" in pages.list(Account, q=term)


def test_the_entries_of_one_account_say_with_whom_and_what_for(pages: Pages, payment: Transfer) -> None:
    page = text_of(pages.list(Entry, account__id__exact=str(payment.debit_account_id)))
    assert str(payment.credit_account) in page
    assert "rent for June" in page
    rows = page.split("Balance after")[1]
    assert str(payment.debit_account) not in rows  # they are all of this account
    assert str(Account.objects.system("cash")) in rows


@pytest.mark.parametrize("model", MODELS)
def test_the_way_back_leads_to_the_list_by_its_name(pages: Pages, payment: Transfer, model: type) -> None:
    page = pages.detail(model.objects.first())  # type: ignore[attr-defined]
    assert f">Back to {model._meta.verbose_name_plural}</a>" in page  # type: ignore[attr-defined]
    assert ">Close<" not in page


@pytest.mark.parametrize("model", MODELS)
def test_there_is_no_history_of_changes_that_nobody_can_make(pages: Pages, payment: Transfer, model: type) -> None:
    row = model.objects.first()  # type: ignore[attr-defined]
    assert "/history/" not in pages.detail(row)
    with pytest.raises(Http404):
        admin.site._registry[model].history_view(pages._request("/"), str(row.pk))


@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_added_changed_or_deleted_even_by_a_superuser(
    model: type, pages: Pages, payment: Transfer
) -> None:
    pages.staff.is_superuser = True
    site = admin.site._registry[model]
    request = pages._request("/")
    assert not site.has_add_permission(request)
    assert not site.has_change_permission(request)
    assert not site.has_delete_permission(request)
    assert site.get_actions(request) == {}
    for inline in site.get_inline_instances(request):
        assert not (inline.has_add_permission(request, None) or inline.has_change_permission(request))
    assert 'name="_save"' not in pages.detail(model.objects.first())  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", MODELS)
def test_looking_needs_the_permission(model: type, pages: Pages, payment: Transfer) -> None:
    pages.staff.user_permissions.clear()
    assert not admin.site._registry[model].has_view_permission(pages._request("/", "get"))


def test_money_is_written_out() -> None:
    assert money(123_456, "EUR") == "€1,234.56"
    assert money(-5, "EUR") == "−€0.05"
    assert money(500, "JPY") == "JP¥500"


def test_staff_and_customers_read_the_same_amount() -> None:
    """One function writes every amount out."""
    for amount, currency, text in ((123_450, "CHF", "CHF\xa01,234.50"), (-5, "KWD", "−KWD\xa00.005")):
        row = Transfer(amount=amount, currency=currency)
        staff = admin.site._registry[Transfer].amount_display(row)  # type: ignore[attr-defined]
        page = Template("{% load money %}{{ amount|money:currency }}")
        customers = page.render(Context({"amount": amount, "currency": currency}))
        assert staff == customers == text
