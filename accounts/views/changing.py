"""Changing password, PINs, authenticator and recovery codes."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import changes, devices, joining, refusals, stepup
from accounts.decorators import customer_required
from accounts.errors import ChangedMeanwhile, CodeUsed, SecretLocked, WrongSecret
from accounts.forms import CodeForm, ConfirmedForm, NewPasswordForm, NewPinsForm
from accounts.models import User
from accounts.refusals import refuse
from accounts.views import recovery_codes
from accounts.views.setting_up import picture

FORM_METHODS = ["GET", "HEAD", "POST"]
RECOVERY = "recovery"  # in the address: the code will be a recovery code
CONFIRM_WRONG = "Your password or the code is not right."


def is_proved(
    request: HttpRequest,
    user: User,
    form: Form,
    prove: Callable[[], object],
    *,
    field: str | None = None,
    wrong: str = CONFIRM_WRONG,
    guard: tuple[UUID, str] | None = None,
) -> bool:
    """Run the proof, or the change itself; a refusal becomes the form's error, at the field or above all.

    `guard` is whose tries at what are counted, where the page may say how many are left.
    """
    try:
        prove()
    except (CodeUsed, SecretLocked, WrongSecret, ChangedMeanwhile) as refusal:
        refuse(request, user, form, refusal, field=field, wrong=wrong, guard=guard)
    return form.is_valid()


def is_confirmed(request: HttpRequest, user: User, form: ConfirmedForm) -> bool:
    data = form.cleaned_data
    return is_proved(
        request,
        user,
        form,
        lambda: changes.confirm(request, user, password=data["current_password"], code=data["code"]),
    )


def is_changed(
    request: HttpRequest, user: User, form: ConfirmedForm, change: Callable[[dict[str, str]], object]
) -> bool:
    """Prove who it is, then change: whatever is refused is in the form, and nothing was changed."""
    if request.method != "POST" or not form.is_valid() or not is_confirmed(request, user, form):
        return False
    return is_proved(request, user, form, lambda: change(form.cleaned_data))


def back_in_a_known_browser(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """The change made every browser unknown; this one gave password and this code, so it is known again."""
    recovery_codes.say_left(request, user, code)
    response = redirect("accounts:security")
    devices.remember(request, response, user)
    return response


@sensitive_post_parameters()
@require_http_methods(FORM_METHODS)
def password(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert user.is_authenticated
    form = NewPasswordForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)
    if is_changed(request, user, form, lambda data: changes.change_password(request, user, data["password"])):
        messages.success(request, "Your password is changed. All other sessions have ended.")
        return back_in_a_known_browser(request, user, form.cleaned_data["code"])
    return render(request, "accounts/change_password.html", {"form": form})


@customer_required
@sensitive_post_parameters()
@require_http_methods(FORM_METHODS)
def pins(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert user.is_authenticated
    form = NewPinsForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)

    def change(data: dict[str, str]) -> None:
        changes.change_pins(request, user, view=data["view_pin"], payment=data["payment_pin"])

    if is_changed(request, user, form, change):
        messages.success(request, "Your PINs are changed. All other sessions have ended.")
        return back_in_a_known_browser(request, user, form.cleaned_data["code"])
    return render(request, "accounts/change_pins.html", {"form": form})


@sensitive_post_parameters()
@require_http_methods(FORM_METHODS)
def recovery(request: HttpRequest) -> HttpResponse:
    """The new codes are in the answer to the form, once."""
    user = request.user
    assert user.is_authenticated
    form = ConfirmedForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)
    shown: list[str] = []
    if is_changed(request, user, form, lambda data: shown.extend(changes.change_recovery_codes(request, user))):
        return render(request, "accounts/change_recovery_codes.html", recovery_codes.once(user, shown))
    left = user.recovery_codes.filter(used_at=None).count()
    return render(request, "accounts/change_recovery.html", {"form": form, "codes_left": left})


@sensitive_post_parameters()
@require_http_methods(FORM_METHODS)
def authenticator(request: HttpRequest) -> HttpResponse:
    """First password and code, then, for ten minutes, the new key."""
    user = request.user
    assert user.is_authenticated
    form = ConfirmedForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)
    if request.method == "POST" and form.is_valid() and is_confirmed(request, user, form):
        recovery_codes.say_left(request, user, form.cleaned_data["code"])
        joining.begin_authenticator(user)
        stepup.grant(request, changes.NEW_AUTHENTICATOR, seconds=changes.NEW_AUTHENTICATOR_SECONDS)
        return redirect("accounts:new_authenticator")
    return render(request, "accounts/change_authenticator.html", {"form": form})


@sensitive_post_parameters()
@require_http_methods(FORM_METHODS)
def new_authenticator(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert user.is_authenticated
    device = user.authenticators.filter(confirmed=False).first()
    if device is None or not stepup.active(request, changes.NEW_AUTHENTICATOR):
        return redirect("accounts:change_authenticator")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code: str = form.cleaned_data["code"]
        if is_proved(
            request,
            user,
            form,
            lambda: changes.change_authenticator(request, user, device, code),
            field="code",
            wrong=refusals.WRONG_NEW_CODE,
            guard=(device.public_id, "totp"),
        ):
            stepup.revoke(request, changes.NEW_AUTHENTICATOR)
            messages.success(request, "Your new authenticator is set up. Remove the old entry from your app.")
            return back_in_a_known_browser(request, user, code)
    return render(request, "accounts/setup_totp.html", {"form": form, **picture(device)})
