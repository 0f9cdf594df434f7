"""Both PINs."""

from accounts.credentials.fields import NewPinField
from inputs.forms import OneValueEach


class PinsForm(OneValueEach):
    view_pin = NewPinField(
        digits=4,
        label="View PIN",
        help_text="Four digits. Shows your balance for two minutes.",
        error_messages={"required": "Choose a view PIN."},
    )
    payment_pin = NewPinField(
        digits=6,
        label="Payment PIN",
        help_text="Six digits. Sends money, so nobody should ever see you type it.",
        error_messages={"required": "Choose a payment PIN."},
    )

    def clean(self) -> None:
        super().clean()
        view, payment = self.cleaned_data.get("view_pin"), self.cleaned_data.get("payment_pin")
        if view and payment and view in payment:
            self.add_error("payment_pin", "Choose a payment PIN that does not contain your view PIN.")
