from django import forms

from inputs.fields import TextField
from inputs.forms import OneValueEach


class VerifyForm(OneValueEach):
    document = TextField(
        longest=200_000,
        label="Proof",
        help_text="The whole text of a proof’s file, or what the QR code of a receipt reads as.",
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={
            "required": "Paste the text of a proof.",
            "too_long": "This page reads at most %(most)s characters, and this has %(length)s."
            " verify_receipt.py reads larger ones.",
        },
    )
