from django import forms
from django.conf import settings

from accounts.credentials.fields import PinField
from accounts.credentials.forms import CodeForm, PinForm
from accounts.credentials.hashing import Kind
from accounts.credentials.widgets import OneTimeCodeInput
from accounts.models import SecurityEvent, User
from inputs.fields import LineField, TextField
from inputs.forms import OneValueEach
from payments import payees
from payments.fields import NoteField
from payments.models import NICKNAME_LENGTH, NOTE_LENGTH
from payments.proof import CODE
from statements.fields import MoneyField

SEARCH_LENGTH = 100  # characters
PAYEE_LONGEST = 1016  # four times the longest email address: what is not seen comes off before anything is counted


class SendForm(OneValueEach):
    """`payee` cleans to the User to pay, `amount` to minor units of the site's currency.

    Where it is `known` whom to pay, the form does not ask for it.
    """

    payee = TextField(
        label="Who to pay",
        longest=PAYEE_LONGEST,
        help_text="Their @handle, email address or account number.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={
            "required": "Enter who to pay: a @handle, an email address or an account number.",
            "too_long": "Enter a @handle, an email address or an account number: this has %(length)s characters.",
        },
    )
    amount = MoneyField(label="Amount", currency=settings.CURRENCY)
    note = NoteField(
        label="Note (optional)",
        length=NOTE_LENGTH,
        help_text=f"The person you pay will read it. Up to {NOTE_LENGTH} characters.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *args: object, payer: User, known: User | None = None, may_look_up: bool = True, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self.payer, self.known = payer, known
        self.may_look_up = may_look_up
        if known:
            del self.fields["payee"]

    def clean(self) -> None:
        super().clean()
        if self.known is None:
            return
        self.cleaned_data["payee"] = self.known
        if not payees.is_payable(self.known):
            self.add_error(None, "This person cannot be paid at the moment. Nothing was sent.")

    def clean_payee(self) -> User:
        text: str = self.cleaned_data["payee"]
        try:
            payees.proofread(text)
        except payees.Mistyped as mistake:
            raise forms.ValidationError(str(mistake), code="mistyped") from None
        if not self.may_look_up:
            raise forms.ValidationError(
                "You have entered many people we can’t find. To protect our customers we look nobody up for you at the"
                " moment. Try again in an hour.",
                code="too_many",
            )
        payee = payees.find(text)
        if payee is None:
            raise forms.ValidationError(
                "We can’t find anyone with this handle, email address or account number. Check it with them.",
                code="unknown",
            )
        if payee == self.payer:
            raise forms.ValidationError("This is you. Enter who else to pay.", code="self")
        return payee


class PayeeSearchForm(OneValueEach):
    """Among the customer's own payees only: it tells nothing about anybody else."""

    q = LineField(
        label="Find a payee",
        max_length=SEARCH_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )


class PayeeForm(OneValueEach):
    """What a payee is to the customer. Nobody else sees it."""

    nickname = LineField(
        label="Nickname (optional)",
        max_length=NICKNAME_LENGTH,
        required=False,
        help_text=f"What you call them. Only you see it. Up to {NICKNAME_LENGTH} characters.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    starred = forms.BooleanField(label="Keep at the top", required=False)


class PaymentPinForm(PinForm):
    kinds: tuple[str, ...] = (Kind.PAYMENT_PIN,)
    pin = PinField(
        label="Payment PIN",
        digits=6,
        help_text="The 6 digits that approve payments. They approve this payment only, as it is shown here.",
    )


class PinAndCodeForm(PaymentPinForm, CodeForm):
    """One refusal for both: it must not tell which of them was wrong (RTS Art. 4(3)(b))."""

    wrong = "The PIN or the code is not right. Enter both again."
    kinds = (Kind.PAYMENT_PIN, CODE)
    refused_as = SecurityEvent.Kind.APPROVAL_REFUSED
    tries = "tries"
    field_order = ("pin", "code")
    refusal = ""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.help_text = "The 6 digits that the app shows now. A recovery code does not work here."
        code.widget = OneTimeCodeInput(attrs=code.widget.attrs)

    def refuse(self, message: str) -> None:
        self.refusal = message
        self.add_error(None, message)
