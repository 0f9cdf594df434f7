"""What everybody may see, and what nobody likes to."""

import json

from playwright.sync_api import Page

from tests.driver.inspection import Inspector
from tests.driver.person import Person
from wallet_site.demo import SIGN_INS

ADA = SIGN_INS[0]
# Pages that no click leads to: each is made by the function that would answer with it.
RARE_PAGES = """
import json
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import render
from django.test import RequestFactory
from wallet_site import errors
request = RequestFactory().get("/")
request.user = AnonymousUser()
pages = {
    "error-500": errors.server_error(request),
    "error-503": errors.unavailable(request),
    "too-many": render(request, "accounts/too_many.html", status=429),
}
print(json.dumps({name: [page.status_code, page.content.decode()] for name, page in pages.items()}))
"""


def public_pages(inspector: Inspector) -> None:
    with inspector.window(ADA) as ada:
        pages = {
            "landing": "/",
            "help": "/help/",
            "verify": "/verify/",
            "styleguide": "/styleguide/",
            "link-expired": "/join/no-such-link/",
        }
        for name, address in pages.items():
            ada.goto(address)
            inspector.take(ada, name)
        forgotten_password(ada, inspector)
        error_pages(ada, inspector)


def forgotten_password(ada: Person, inspector: Inspector) -> None:
    ada.goto("/recover/")
    inspector.take(ada, "recover")
    ada.ask_for_link(ada.email)
    inspector.take(ada, "recover-sent")
    ada.open_mail()
    inspector.take(ada, "reset")
    ada.press("Change my password")
    inspector.take(ada, "reset-wrong")


def error_pages(ada: Person, inspector: Inspector) -> None:
    ada.goto("/no-such-page/")
    inspector.take(ada, "error-404")
    ada.goto("/login/")
    ada.page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'old'")
    ada.give_password("x")
    inspector.take(ada, "error-csrf")
    ada.goto("/login/")
    ada.give_password("much too long " * 30_000)
    inspector.take(ada, "error-400")
    for name, (status, body) in json.loads(inspector.site.shell(RARE_PAGES)).items():
        answer(ada.page, f"/{name}/", status, body)
        ada.goto(f"/{name}/")
        inspector.take(ada, name)


def answer(page: Page, address: str, status: int, body: str) -> None:
    page.route(f"**{address}", lambda route: route.fulfill(status=status, body=body, content_type="text/html"))
