"""Recovery codes as they are shown once: on a page, in a file, and by how many are left."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.access.decorators import form_of, setup_step, signed_in
from accounts.credentials import recovery_codes
from accounts.guard.refusals import counted
from accounts.models import User

SALT = "accounts.recovery_codes"
FILE_SECONDS = 15 * 60  # after which the page that shows them no longer makes a file of them
FEW = 4  # fewer than this are a reason to say more than how many


@sensitive_variables()
def once(user: User, shown: list[str]) -> dict[str, object]:
    """What the page shows of the set just made. We keep no copy: what the file is made of comes back from the page."""
    made = recovery_codes.current_set(user)
    return {"codes": shown, "set": made, "file": signing.dumps([made, *shown], salt=_salt(user))}


@setup_step
@sensitive_post_parameters()
@sensitive_variables()
@form_of("accounts:security")
def download(request: HttpRequest) -> HttpResponse:
    """The codes of the page it is asked on, as a text file: only this user's, and while the set is current."""
    user = signed_in(request)
    made, *shown = _read(user, request.POST.get("file", ""))
    if not shown or made != recovery_codes.current_set(user):
        messages.warning(
            request, "These codes are not shown any more, so there is no file of them. New ones can be made."
        )
        return redirect("accounts:security")
    context = {"codes": shown, "set": made, "email": user.email, "site_name": settings.SITE_NAME}
    name = f"{slugify(settings.SITE_NAME) or 'wallet'}-recovery-codes.txt"
    return HttpResponse(
        render_to_string("accounts/recovery_codes.txt", context),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def say_left(request: HttpRequest, user: User, code: str) -> None:
    """After a code was right and used up: how many are left, if it was a recovery code."""
    if not recovery_codes.is_code(code) or not user.authenticators.filter(confirmed=True).exists():
        return  # the authenticator's, or the enrolment code of staff
    left = user.recovery_codes.filter(used_at=None).count()
    text = f"{counted(left, 'is', 'are')} left." if left else "It was your last one."
    link = format_html('<a href="{}">Make new ones</a>', reverse("accounts:change_recovery"))
    level = messages.INFO if left >= FEW else messages.WARNING
    messages.add_message(request, level, format_html("You used a recovery code. {} {}", text, link))


def _read(user: User, signed: str) -> list[Any]:
    try:
        found: list[Any] = signing.loads(signed, salt=_salt(user), max_age=FILE_SECONDS)
    except signing.BadSignature:
        return [""]
    return found


def _salt(user: User) -> str:
    return f"{SALT}.{user.pk}"
