"""Signing in and out."""

from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts import events
from accounts.access import kept_forms
from accounts.access.decorators import form_of, keeps, page_and_form, public
from accounts.credentials.forms import AnyCodeForm
from accounts.entry import shown_codes
from accounts.entry.setting_up import set_up
from accounts.entry.signing_in import sign_in
from accounts.entry.signing_in.forms import LoginForm
from accounts.errors import CodeUsed, TooManyTries, WrongSecret
from accounts.guard import known_browsers
from web.addresses import page

REFUSED = "That email, password or code is not right."


@public
@keeps("email")
@sensitive_post_parameters()
@page_and_form
def login(request: HttpRequest) -> HttpResponse:
    """Any email and password lead to the code page."""
    next_page = page(request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated and request.user.is_verified():
        return redirect(sign_in.landing_page(request.user, next_page))
    form = LoginForm(request.POST or None, initial=kept_forms.put_back(request))
    if request.method == "POST" and form.is_valid():
        try:
            to_set_up = sign_in.start(request, **form.cleaned_data, next_page=next_page)
        except TooManyTries:
            response = render(request, "accounts/too_many.html", status=429)
            response["Retry-After"] = str(sign_in.NETWORK_SECONDS)
            return response
        if to_set_up is None:
            return redirect("accounts:login_code")
        sign_in.enter(request, to_set_up, None)
        set_up.begin_authenticator(to_set_up)
        return redirect("accounts:setup_totp")
    return render(request, "accounts/login.html", {"form": form, "next": next_page})


@public
@sensitive_post_parameters()
@page_and_form
def login_code(request: HttpRequest) -> HttpResponse:
    waiting = sign_in.pending(request)
    if waiting is None:
        if request.session.get(sign_in.PENDING):
            messages.info(request, "Please start again: it took too long, or too many codes were wrong.")
        return redirect("accounts:login")
    form = AnyCodeForm(request.POST or None, recovery="recovery" in request.GET)
    if request.method == "POST" and form.is_valid():
        try:
            user = sign_in.finish(request, waiting, form.cleaned_data["code"])
        except CodeUsed:
            form.add_error("code", "This code was already used. Wait for the next one in your app.")
        except WrongSecret:
            form.add_error(None, REFUSED)
        else:
            if not user.is_verified():
                set_up.begin_authenticator(user)
            shown_codes.say_left(request, user, form.cleaned_data["code"])
            response = redirect(sign_in.landing_page(user, waiting.next))
            known_browsers.remember(request, response, user)
            return response
    return render(request, "accounts/login_code.html", {"form": form, "refused": bool(form.non_field_errors())})


@public
@form_of("landing")
def logout(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        events.record(request, request.user, events.Kind.SIGNED_OUT)
    end_session(request)
    response = redirect("landing")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
