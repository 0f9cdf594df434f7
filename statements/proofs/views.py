"""The log for everybody: its checkpoint, its proofs, and a page that checks a receipt. They tell hashes, nothing else.

The pages of one receipt's proof are for its two sides only.
"""

import re
import uuid

import qrcode.constants
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

import verify_receipt
from accounts.access.decorators import customer_required, page_and_form, public, signed_in
from accounts.entry.setting_up.qr_code import svg
from ledger.db import prove_replicated
from ledger.log import proofs
from ledger.log.models import LogLeaf
from ledger.models import Account, Entry, Transfer
from statements.formats.json import written
from statements.proofs import documents
from statements.proofs.forms import VerifyForm

CHECKPOINT_SECONDS = 10  # how long a cache may keep what changes once a minute
NEVER_CHANGES = "public, max-age=31536000, immutable"


@public
@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The latest one, with the lines of its witnesses (C2SP tlog-checkpoint, tlog-cosignature)."""
    latest = proofs.latest()
    if latest is None:
        return cached(HttpResponse("Nothing is signed yet.\n", content_type="text/plain; charset=utf-8", status=404), 0)
    lines = [f"{line}\n" for line in latest.cosignatures.order_by("pk").values_list("line", flat=True)]
    return cached(HttpResponse(latest.note + "".join(lines), content_type="text/plain; charset=utf-8"))


@public
@require_safe
def inclusion(request: HttpRequest, size: str, index: str, leaf: str) -> HttpResponse:
    """That the leaf with this hash is at this place. Who has no receipt has no hash to ask for."""
    place, total = whole(index), signed(size)
    if place >= total or not re.fullmatch("[0-9a-f]{64}", leaf):
        raise Http404
    get_object_or_404(LogLeaf, index=place, hash=bytes.fromhex(leaf))
    path = [each.hex() for each in proofs.inclusion(place, total)]
    return proof({"size": total, "index": place, "leaf": leaf, "path": path})


@public
@require_safe
def consistency(request: HttpRequest, old: str, new: str) -> HttpResponse:
    """That the log of the one size is the beginning of that of the other."""
    before, after = whole(old), signed(new)
    if not 0 < before <= after:
        raise Http404
    return proof({"old": before, "new": after, "path": [each.hex() for each in proofs.consistency(before, after)]})


@public
@page_and_form
def verify(request: HttpRequest) -> HttpResponse:
    """Reads nothing of the books but the public key; the same program does it that anybody can run."""
    latest = proofs.latest()
    form = VerifyForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form, "key": latest and latest.verifier}
    if form.is_valid() and latest is None:
        form.add_error(None, "Nothing is signed here yet, so nothing can be checked.")
    elif form.is_valid() and latest is not None:
        try:
            context["result"] = verify_receipt.check(form.cleaned_data["document"], latest.verifier)
        except verify_receipt.Unreadable as error:
            form.add_error("document", str(error))
        except verify_receipt.Refused as refusal:
            context["refusal"] = refusal
    return render(request, "statements/verify.html", context)


@customer_required
@require_safe
def proof_file(request: HttpRequest, transfer_id: uuid.UUID) -> HttpResponse:
    try:
        document = documents.receipt(own_transfer(request, transfer_id))
    except documents.NotYet as wait:
        answer = JsonResponse({"error": str(wait)}, status=404)
        answer["Retry-After"] = "60"
        return answer
    response = HttpResponse(written(document), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="proof-{transfer_id}.json"'
    return response


@customer_required
@require_safe
def proof_picture(request: HttpRequest, transfer_id: uuid.UUID) -> HttpResponse:
    """The QR code: an address of its own, so that only who looks at it waits for it."""
    try:
        document = documents.receipt(own_transfer(request, transfer_id))
    except documents.NotYet as wait:
        raise Http404 from wait
    picture = svg(documents.qr_text(document), correction=qrcode.constants.ERROR_CORRECT_L)
    return HttpResponse(picture, content_type="image/svg+xml")


def own_transfer(request: HttpRequest, transfer_id: uuid.UUID) -> Transfer:
    """Raises Http404 for what is not there or somebody else's, alike."""
    account = Account.objects.for_owner(signed_in(request))
    entry = get_object_or_404(Entry.objects.of(account), transfer_id=transfer_id)
    prove_replicated(entry.posted_at)
    return entry.transfer


def whole(text: str) -> int:
    """Raises Http404 for what is no number of leaves: one spelling each, and no more than the books can count."""
    if not re.fullmatch("0|[1-9][0-9]{0,17}", text):
        raise Http404
    return int(text)


def signed(text: str) -> int:
    """A size that is signed, or was passed since: what is not, nobody is told of. Raises Http404."""
    size, latest = whole(text), proofs.latest()
    if latest is None or not 0 < size <= latest.size:
        raise Http404
    return size


def proof(found: dict[str, object]) -> HttpResponse:
    response = JsonResponse(found)
    response["Cache-Control"] = NEVER_CHANGES
    return response


def cached(response: HttpResponse, seconds: int = CHECKPOINT_SECONDS) -> HttpResponse:
    response["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-cache"
    return response
