"""A module a subject; Django finds them from here."""

from payments.models.payees import NICKNAME_LENGTH, Payee
from payments.models.payments import KIND, NOTE_LENGTH, Approval, Payment, default_expiry

__all__ = ["KIND", "NICKNAME_LENGTH", "NOTE_LENGTH", "Approval", "Payee", "Payment", "default_expiry"]
