"""Who somebody means when they say whom to pay."""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import OuterRef, Subquery

from accounts.guard import rates
from accounts.models import User
from accounts.people import handles
from accounts.people.fields import MailAddressField
from inputs.text import account_number
from ledger import numbers
from ledger.models import Account
from payments.models import Payee
from statements.searched import Folded, folded

UNKNOWN = "payee"
HOUR = 3600  # seconds


class Mistyped(ValueError):
    """What was typed is nobody's @handle, email address or account number. What it says is for whoever typed it."""


def may_look_up(payer: User) -> bool:
    """Whether this customer may ask for one more payee: the answer tells who is a customer here, also by email.

    Counts the question as one for somebody unknown, so that many at once cannot overshoot: see `was_not_unknown`.
    """
    return rates.count(UNKNOWN, str(payer.id), seconds=HOUR) <= settings.UNKNOWN_PAYEES_PER_HOUR


def was_not_unknown(payer: User) -> None:
    """Take back what `may_look_up` counted."""
    rates.give_back(UNKNOWN, str(payer.id))


def proofread(text: str) -> None:
    """Raises Mistyped for what nobody can have. That takes no look-up, so it costs none and tells nothing."""
    number, handle = account_number(text), handles.normalise(text)
    if number is not None:
        try:
            numbers.proofread(number)
        except numbers.WrongNumber as wrong:
            raise Mistyped(str(wrong)) from None
    elif "@" in handle:
        _proofread_email(text)
    elif not handles.is_well_formed(handle):
        raise Mistyped("Enter a @handle like @ada_l, an email address or an account number: this is none of them.")


def _proofread_email(text: str) -> None:
    try:
        MailAddressField().clean(text)
    except ValidationError:
        raise Mistyped("This is no email address: look for a typo in it. It should be like name@example.com.") from None


def find(text: str) -> User | None:
    """The customer with this @handle, email address or account number, whose set-up is finished.

    Nobody else is told apart from nobody at all: not staff, not who left half-way, not who was closed.
    """
    found = _lookup(text)
    return found if found and is_payable(found) else None


def is_payable(person: User) -> bool:
    return person.is_active and person.is_customer and person.missing_step() is None


def accounts_called(account: Account, words: Sequence[str]) -> dict[str, list[int]]:
    """For a search among one's lines (settings.NICKNAMES): the accounts of payees by each word in their nicknames."""
    nicknamed = Payee.objects.filter(owner=account.owner_id).exclude(nickname="")
    of_person = Account.objects.filter(owner=OuterRef("person"), currency=account.currency).values("pk")
    known = list(
        nicknamed.annotate(account=Subquery(of_person), called=Folded("nickname")).values_list("account", "called")
    )
    return (
        {word: [pk for pk, called in known if fold in called] for word, fold in _folded(words).items()} if known else {}
    )


def _folded(words: Sequence[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT word, {folded('word')} FROM unnest(%s::text[]) AS word", [list(words)])
        return dict(cursor.fetchall())


def _lookup(text: str) -> User | None:
    if account_number(text) is not None:
        account = Account.objects.by_number(text)
        return account.owner if account else None
    if "@" in handles.normalise(text):
        return User.objects.by_email(text)
    return User.objects.by_handle(text)
