"""A forgotten password."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import public


@public
@require_safe
def recover(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/recover.html")


@public
@require_safe
def recover_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/register_sent.html")
