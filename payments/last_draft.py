"""What was typed last survives the browser's Back: its page is asked for anew, and filled in from the draft it made.

The session remembers the draft by the address of the form that it was typed into, until it is paid or expires.
"""

import uuid

from django.http import HttpRequest

from payments.models import Payment

KEY = "last_draft"
LONGEST = 500  # characters of an address: no link of ours is longer


def remember(request: HttpRequest, payment: Payment) -> None:
    if len(request.get_full_path()) <= LONGEST:
        request.session[KEY] = {"at": request.get_full_path(), "id": str(payment.id)}


def of(request: HttpRequest) -> dict[str, str]:
    """The form's values of the draft that was made here; empty when there is none, or nothing is to be done with it."""
    kept = request.session.get(KEY)
    if not kept or kept["at"] != request.get_full_path():
        return {}
    drafts = Payment.objects.select_related("payer_account", "payee_account__owner")
    payment = drafts.filter(id=uuid.UUID(kept["id"]), payer=request.user.pk).first()
    if payment is None or payment.is_expired or payment.transfer is not None:
        return {}
    return payment.as_typed()
