"""Asking for another name, and what became of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import kept_forms
from accounts.access.decorators import customer_required, form_of, keeps, page_and_form, signed_in
from accounts.entry.changing_name import wishes
from accounts.entry.changing_name.forms import NewNameForm

ALREADY_ASKED = "You have asked for a name already. Take that wish back first, or wait for our answer."


@customer_required
@keeps("full_name")
@page_and_form
def name(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = NewNameForm(request.POST or None, user=user, initial=kept_forms.put_back(request))
    if request.method == "POST" and form.is_valid():
        try:
            wishes.ask(request, user, form.cleaned_data["full_name"])
        except wishes.AlreadyAsked:
            form.add_error("full_name", ALREADY_ASKED)
        else:
            messages.success(request, "We will look at your new name. Until then you keep the old one.")
            return redirect("accounts:change_name")
    return render(request, "accounts/change_name.html", {"form": form, "wish": user.latest_name_wish})


@customer_required
@form_of("accounts:change_name")
def take_back(request: HttpRequest) -> HttpResponse:
    wishes.take_back(signed_in(request))
    messages.success(request, "Your name stays as it is.")
    return redirect("accounts:change_name")
