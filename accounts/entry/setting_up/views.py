"""The three steps after a password: authenticator, recovery codes, PINs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access.decorators import page_and_form, setup_step, signed_in
from accounts.credentials import recovery_codes
from accounts.credentials.forms import CodeForm
from accounts.entry import shown_codes
from accounts.entry.setting_up import set_up
from accounts.entry.setting_up.forms import PinsForm
from accounts.entry.setting_up.qr_code import picture
from accounts.entry.signing_in import sign_in
from accounts.errors import ChangedMeanwhile, CodeUsed, SecretLocked, WrongSecret
from accounts.guard import known_browsers
from accounts.guard.refusals import WRONG_NEW_CODE, refuse
from accounts.models import User


def steps(user: User, current: str) -> dict[str, object]:
    """The progress list's items: label and whether it is the one now."""
    labels = {"totp": "Authenticator", "recovery": "Recovery codes"}
    if user.is_customer:
        labels["pins"] = "PINs"
    return {"steps": [(label, name == current) for name, label in labels.items()]}


@setup_step
@sensitive_post_parameters()
@page_and_form
def totp_page(request: HttpRequest) -> HttpResponse:
    """The seed is only ever in its encrypted row and on this page: not in the session, a field or an address."""
    user = signed_in(request)
    device = user.authenticators.filter(confirmed=False).first()
    if user.is_verified() or device is None:
        return redirect(sign_in.landing_page(user))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_up.prove_authenticator(device, form.cleaned_data["code"])
            set_up.enrol(request, user, device)
        except (SecretLocked, WrongSecret, CodeUsed, ChangedMeanwhile) as refusal:
            guard = (device.public_id, "totp")
            refuse(request, user, form, refusal, field="code", wrong=WRONG_NEW_CODE, tries="codes", guard=guard)
        else:
            sign_in.prove_whole(request, user)
            response = redirect(sign_in.landing_page(user))
            known_browsers.remember(request, response, user)
            return response
    return render(request, "accounts/setup_totp.html", {"form": form, **picture(device), **steps(user, "totp")})


@setup_step
@page_and_form
def recovery(request: HttpRequest) -> HttpResponse:
    """Codes are made by a POST and shown in its answer only; leaving before "saved" means new ones next time."""
    user = signed_in(request)
    if user.missing_step() != "accounts:setup_recovery":
        return redirect(sign_in.landing_page(user))
    context = steps(user, "recovery")
    if request.method != "POST":
        return render(request, "accounts/setup_recovery.html", context)
    if request.POST.get("action") == "saved" and user.recovery_codes.exists():
        if set_up.has_saved(request, user, request.POST.get("set", "")):
            return redirect(sign_in.landing_page(user))
        return render(request, "accounts/setup_recovery.html", {"replaced": True, **context})
    shown = shown_codes.once(user, recovery_codes.issue_recovery(user))
    return render(request, "accounts/setup_recovery_codes.html", {**shown, **context})


@setup_step
@sensitive_post_parameters()
@page_and_form
def pins(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if user.missing_step() != "accounts:setup_pins":
        return redirect(sign_in.landing_page(user))
    form = PinsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user.set_pins(view=form.cleaned_data["view_pin"], payment=form.cleaned_data["payment_pin"])
        user.save(update_fields=["view_pin", "payment_pin"])
        return redirect(sign_in.landing_page(user))
    return render(request, "accounts/setup_pins.html", {"form": form, **steps(user, "pins")})
