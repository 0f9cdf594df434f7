"""Changing password, PINs, authenticator and recovery codes."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import step_up
from accounts.access.decorators import customer_required, page_and_form, signed_in
from accounts.credentials.forms import CodeForm
from accounts.entry import shown_codes
from accounts.entry.changing import change
from accounts.entry.changing.forms import ConfirmedForm, NewPasswordForm, NewPinsForm
from accounts.entry.setting_up import set_up
from accounts.entry.setting_up.qr_code import picture
from accounts.guard import known_browsers, refusals
from accounts.guard.refusals import is_proved
from accounts.models import User

RECOVERY = "recovery"  # in the address: the code will be a recovery code


def is_confirmed(request: HttpRequest, user: User, form: ConfirmedForm) -> bool:
    data = form.cleaned_data
    return is_proved(
        request,
        user,
        form,
        lambda: change.confirm(request, user, password=data["current_password"], code=data["code"]),
    )


def is_changed(request: HttpRequest, user: User, form: ConfirmedForm, make: Callable[[dict[str, str]], object]) -> bool:
    """Prove who it is, then change: whatever is refused is in the form, and nothing was changed."""
    if request.method != "POST" or not form.is_valid() or not is_confirmed(request, user, form):
        return False
    return is_proved(request, user, form, lambda: make(form.cleaned_data))


def back_in_a_known_browser(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """The change made every browser unknown; this one gave password and this code, so it is known again."""
    shown_codes.say_left(request, user, code)
    response = redirect("accounts:security")
    known_browsers.remember(request, response, user)
    return response


@sensitive_post_parameters()
@page_and_form
def password(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = NewPasswordForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)
    if is_changed(request, user, form, lambda data: change.change_password(request, user, data["password"])):
        messages.success(request, "Your password is changed. All other sessions have ended.")
        return back_in_a_known_browser(request, user, form.cleaned_data["code"])
    return render(request, "accounts/change_password.html", {"form": form})


@customer_required
@sensitive_post_parameters()
@page_and_form
def pins(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = NewPinsForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)

    def to_these(data: dict[str, str]) -> None:
        change.change_pins(request, user, view=data["view_pin"], payment=data["payment_pin"])

    if is_changed(request, user, form, to_these):
        messages.success(request, "Your PINs are changed. All other sessions have ended.")
        return back_in_a_known_browser(request, user, form.cleaned_data["code"])
    return render(request, "accounts/change_pins.html", {"form": form})


@sensitive_post_parameters()
@page_and_form
def recovery(request: HttpRequest) -> HttpResponse:
    """The new codes are in the answer to the form, once."""
    user = signed_in(request)
    form = ConfirmedForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)
    shown: list[str] = []
    if is_changed(request, user, form, lambda data: shown.extend(change.change_recovery_codes(request, user))):
        return render(request, "accounts/change_recovery_codes.html", shown_codes.once(user, shown))
    left = user.recovery_codes.filter(used_at=None).count()
    return render(request, "accounts/change_recovery.html", {"form": form, "codes_left": left})


@sensitive_post_parameters()
@page_and_form
def authenticator(request: HttpRequest) -> HttpResponse:
    """First password and code, then, for ten minutes, the new key."""
    user = signed_in(request)
    form = ConfirmedForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)
    if request.method == "POST" and form.is_valid() and is_confirmed(request, user, form):
        shown_codes.say_left(request, user, form.cleaned_data["code"])
        set_up.begin_authenticator(user)
        step_up.grant(request, change.NEW_AUTHENTICATOR, seconds=change.NEW_AUTHENTICATOR_SECONDS)
        return redirect("accounts:new_authenticator")
    return render(request, "accounts/change_authenticator.html", {"form": form})


@sensitive_post_parameters()
@page_and_form
def new_authenticator(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    device = user.authenticators.filter(confirmed=False).first()
    if device is None or not step_up.active(request, change.NEW_AUTHENTICATOR):
        return redirect("accounts:change_authenticator")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code: str = form.cleaned_data["code"]
        if is_proved(
            request,
            user,
            form,
            lambda: change.change_authenticator(request, user, device, code),
            field="code",
            wrong=refusals.WRONG_NEW_CODE,
            guard=(device.public_id, "totp"),
        ):
            step_up.revoke(request, change.NEW_AUTHENTICATOR)
            messages.success(request, "Your new authenticator is set up. Remove the old entry from your app.")
            return back_in_a_known_browser(request, user, code)
    return render(request, "accounts/setup_totp.html", {"form": form, **picture(device)})
