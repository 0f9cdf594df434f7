"""A browser that translates a page leaves alone what is no language: names, handles, numbers, references, codes."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ledger.models import Account, Transfer
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "rect", "line", "use", "path"}


class Texts(HTMLParser):
    """Each text of a page's body, and whether it may be translated."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            mark = dict(attrs).get("translate")
            above = self.open[-1][1] if self.open else True
            self.open.append((tag, above if mark is None else mark != "no"))

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _ in self.open) and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(name in ("head", "script") for name, _ in self.open):
            self.found.append((data, self.open[-1][1] if self.open else True))


def translated(html: str, marks: str) -> list[str]:
    reader = Texts()
    reader.feed(html)
    return [text.strip() for text, may_be in reader.found if may_be and re.search(marks, text)]


def test_the_reader_finds_what_may_be_translated() -> None:
    html = '<p>Hello, <bdi translate="no">Ada</bdi></p><p>Ada</p><div translate="no"><p>Ada <b>Ada</b></p></div>'
    assert translated(html, "Ada") == ["Ada"]


@pytest.fixture
def payment(ada: User, grace: User) -> Payment:
    people.fund(ada, 5_000_00)
    return Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="Lunch")


def pages(as_ada: Client, ada: User, grace: User, payment: Payment) -> Iterator[tuple[str, str]]:
    def get(path: str) -> tuple[str, str]:
        return path, as_ada.get(path).content.decode()

    yield get(f"/send/{payment.id}/check/")
    yield get(f"/send/{payment.id}/done/")  # being checked
    yield get(f"/send/{Payment.objects.draft(payer=ada, payee=grace, amount=250_00, note='').id}/check/")
    expired = Payment(id=uuid.uuid4(), payer=ada, payer_account=payment.payer_account, amount=5, currency="EUR")
    expired.payee_account = payment.payee_account
    expired.created_at = expired.expires_at = timezone.now() - timedelta(hours=1)
    expired.expires_at += timedelta(minutes=10)
    expired.save()
    yield get(f"/send/{expired.id}/check/")
    yield "confirmed", as_ada.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN}).content.decode()
    people.reveal(as_ada)
    yield get("/wallet/")
    yield get("/activity/")
    yield get(f"/activity/{payment.id}/")
    yield get(f"/send/{payment.id}/done/")
    for path in ("", "security/", "sessions/", "security/password/", "security/pins/", "security/recovery/"):
        yield get(f"/settings/{path}")
    codes = {"current_password": people.PASSWORD, "code": people.code_for(ada)}
    yield "codes", as_ada.post("/settings/security/recovery/", codes).content.decode()
    yield get("/no-such-page/")


def test_no_page_lets_a_translator_touch_them(as_ada: Client, ada: User, grace: User, payment: Payment) -> None:
    wallet = Account.objects.for_owner(ada)
    as_read = [
        ada.full_name,
        ada.email,
        ada.get_short_name(),
        wallet.number_display,
        grace.full_name,
        f"@{grace.handle}",
    ]
    code = "[0-9A-Z]{4}-[0-9A-Z]{4}"  # of a reference, and of a recovery code
    marks = "|".join([*map(re.escape, as_read), rf"@{ada.handle}\b", code, r"\b127\.0\.0\.1\b"])
    seen = 0
    for name, html in pages(as_ada, ada, grace, payment):
        reader = Texts()
        reader.feed(html)
        seen += sum(bool(re.search(marks, text)) for text, _ in reader.found)
        if name != "/settings/sessions/":  # its radio buttons name devices by their addresses
            assert translated(html, marks) == [], name
    assert seen > 40
    assert Transfer.objects.filter(id=payment.id).exists()


@pytest.mark.parametrize("path", ["/", "/help/"])
def test_neither_does_a_page_for_everybody(client: Client, path: str) -> None:
    assert translated(client.get(path).content.decode(), "support@|[0-9A-Z]{4}-[0-9A-Z]{4}") == []
