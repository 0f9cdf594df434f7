"""The three steps after a password: authenticator, recovery codes, PINs."""

import qrcode
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods
from qrcode.image.svg import SvgPathFillImage

from accounts import codes, devices, joining, signin, totp
from accounts.decorators import setup_step
from accounts.errors import ChangedMeanwhile, CodeUsed, SecretLocked, WrongSecret
from accounts.forms import CodeForm, PinsForm
from accounts.models import Authenticator, User
from accounts.refusals import WRONG_NEW_CODE, refuse
from accounts.views import recovery_codes


def steps(user: User, current: str) -> dict[str, object]:
    """The progress list's items: label and whether it is the one now."""
    labels = {"totp": "Authenticator", "recovery": "Recovery codes"}
    if user.is_customer:
        labels["pins"] = "PINs"
    return {"steps": [(label, name == current) for name, label in labels.items()]}


@setup_step
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def totp_page(request: HttpRequest) -> HttpResponse:
    """The seed is only ever in its encrypted row and on this page: not in the session, a field or an address."""
    user = request.user
    assert user.is_authenticated
    device = user.authenticators.filter(confirmed=False).first()
    if user.is_verified() or device is None:
        return redirect(signin.landing_page(user))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            joining.prove_authenticator(device, form.cleaned_data["code"])
            joining.enrol(request, user, device)
        except (SecretLocked, WrongSecret, CodeUsed, ChangedMeanwhile) as refusal:
            guard = (device.public_id, "totp")
            refuse(request, user, form, refusal, field="code", wrong=WRONG_NEW_CODE, tries="codes", guard=guard)
        else:
            signin.prove_whole(request, user)
            response = redirect(signin.landing_page(user))
            devices.remember(request, response, user)
            return response
    return render(request, "accounts/setup_totp.html", {"form": form, **picture(device), **steps(user, "totp")})


@sensitive_variables()
def picture(device: Authenticator) -> dict[str, object]:
    """The seed as a QR code, as text, and as a link for a phone that has the app itself."""
    seed = device.seed
    address = totp.uri(seed, device.user.email)
    return {"qr": svg(address), "key": totp.key_text(seed), "uri": address}


def svg(text: str) -> SafeString:
    """A QR code as inline SVG: one path, no style, none of the text in the markup."""
    image = qrcode.make(text, image_factory=SvgPathFillImage, box_size=10, border=4)
    markup: str = image.to_string(encoding="unicode")
    return mark_safe(markup)


@setup_step
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """Codes are made by a POST and shown in its answer only; leaving before "saved" means new ones next time."""
    user = request.user
    assert user.is_authenticated
    if user.missing_step() != "accounts:setup_recovery":
        return redirect(signin.landing_page(user))
    context = steps(user, "recovery")
    if request.method != "POST":
        return render(request, "accounts/setup_recovery.html", context)
    if request.POST.get("action") == "saved" and user.recovery_codes.exists():
        if joining.has_saved(request, user, request.POST.get("set", "")):
            return redirect(signin.landing_page(user))
        return render(request, "accounts/setup_recovery.html", {"replaced": True, **context})
    shown = recovery_codes.once(user, codes.issue_recovery(user))
    return render(request, "accounts/setup_recovery_codes.html", {**shown, **context})


@setup_step
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def pins(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert user.is_authenticated
    if user.missing_step() != "accounts:setup_pins":
        return redirect(signin.landing_page(user))
    form = PinsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user.set_pins(view=form.cleaned_data["view_pin"], payment=form.cleaned_data["payment_pin"])
        user.save(update_fields=["view_pin", "payment_pin"])
        return redirect(signin.landing_page(user))
    return render(request, "accounts/setup_pins.html", {"form": form, **steps(user, "pins")})
