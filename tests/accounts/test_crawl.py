"""Every address of the site, visited by everybody it is not for."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import SecurityEvent, Session, User
from ledger.models import Account, Transfer
from payments.models import Payment
from tests.accounts.journey import travel
from tests.accounts.people import make_begun, make_customer, make_staff, sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
HERS = ("zelda@example.com", "Zelda Quibble", "zelda_q", "violets")


def patterns(resolver: Any = None, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        else:
            yield route, pattern


def addresses(zelda: User) -> set[str]:
    """Every route, with Zelda's own ids in it."""
    transfer, payment = Transfer.objects.filter(initiated_by=zelda, kind="payment").get(), Payment.objects.get()
    assert transfer.pk == payment.pk
    keys = [str(transfer.pk), str(zelda.pk), str(Account.objects.get(owner=zelda).pk)]
    keys += [str(SecurityEvent.objects.filter(user=zelda).latest("at").pk), str(Session.objects.get(user=zelda).pk)]
    found = set()
    for route, _ in patterns():
        plain = re.sub(r"\\Z|[\^$]|\?P<\w+>", "", route)
        for key in keys:
            path = re.sub(r"<\w+:\w+>|<\w+>|\(.*?\)", key, plain)
            found.add(path)
    return {path for path in found if "<" not in path}


def leaks(client: Client, paths: set[str], also: tuple[str, ...] = ()) -> list[str]:
    found = []
    for path in sorted(paths):
        for answer in (client.get(path), client.post(path)):
            body = answer.content.decode(errors="replace") if not answer.streaming else ""
            if answer.status_code >= 500 or any(text in body for text in (*HERS, *also)):
                found.append(f"{answer.status_code} {path}")
    return found


@pytest.mark.asvs("8.2.1", "8.2.2", "8.2.3", "8.3.1")
@pytest.mark.parametrize("visitor", ["nobody", "password only", "another customer", "staff without the role"])
def test_nobody_sees_what_is_not_theirs(visitor: str) -> None:
    zelda = travel(make_customer("grace")).user
    account = Account.objects.get(owner=zelda)
    paths = addresses(zelda)
    assert len(paths) > 60
    client = Client()
    if visitor == "password only":
        sign_in(client, make_begun())
    elif visitor == "another customer":
        sign_in(client, make_customer("mallory"))
    elif visitor == "staff without the role":
        sign_in(client, make_staff())
    paths -= {"/logout/"}
    assert leaks(client, paths, (account.number, account.number_display)) == []


def test_the_crawler_would_notice(client: Client) -> None:
    """Zelda herself, and staff with the role, do see it: the test above can fail."""
    zelda = travel(make_customer("grace")).user
    paths = addresses(zelda) - {"/logout/"}
    sign_in(client, zelda)
    assert len(leaks(client, paths)) >= 5
    auditor = make_staff()
    auditor.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    staff = Client()
    sign_in(staff, auditor)
    assert [leak for leak in leaks(staff, paths) if "/admin/" in leak]
