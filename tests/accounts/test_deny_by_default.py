"""Nobody passes the public pages without a second factor and a finished set-up."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Authenticator, User
from tests.people import make_begun, make_customer, sign_in

pytestmark = pytest.mark.django_db

PUBLIC = {
    "landing", "help", "theme", "styleguide", "healthz", "readyz",
    "register", "register_sent", "join", "join_form", "login", "login_code", "logout", "recover", "recover_sent",
    "reset", "reset_form", "unlock", "email_link", "email_form",
    "verify", "log_checkpoint", "log_inclusion", "log_consistency",
}  # fmt: skip


def all_patterns(resolver: Any = None) -> list[URLPattern]:
    found: list[URLPattern] = []
    for pattern in (resolver or get_resolver()).url_patterns:
        found += all_patterns(pattern) if isinstance(pattern, URLResolver) else [pattern]
    return found


@pytest.mark.asvs("6.3.4", "8.2.1", "8.3.1")
def test_only_the_pages_named_here_are_public() -> None:
    public = {pattern.name for pattern in all_patterns() if getattr(pattern.callback, "access", "") == "public"}
    assert public <= PUBLIC
    assert {pattern.name for pattern in all_patterns() if getattr(pattern.callback, "access", "") == "setup"} == {
        "setup_totp",
        "setup_recovery",
        "setup_pins",
        "recovery_file",
        "session",
    }


def test_nobody_is_sent_to_the_sign_in_and_back(client: Client) -> None:
    answer = client.get("/settings/?tab=1")
    assert answer["Location"] == "/login/?next=/settings/%3Ftab%3D1"
    assert client.post("/settings/security/")["Location"] == "/login/?next=/settings/security/"
    assert client.get("/admin/")["Location"].startswith("/login/")


def test_a_page_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/nothing/here/").status_code == 404


def test_a_password_alone_opens_set_up_only(client: Client) -> None:
    sign_in(make_begun(), client)
    assert client.get("/settings/")["Location"] == reverse("accounts:setup_totp")
    assert client.get("/setup/totp/").status_code == 200
    assert client.get("/setup/recovery/")["Location"] == reverse("accounts:setup_totp")
    assert client.get("/setup/pins/")["Location"] == reverse("accounts:setup_totp")


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize("path", ["/settings/", "/wallet/", "/setup/totp/", "/setup/recovery/", "/setup/pins/"])
def test_a_password_alone_opens_nothing_once_there_is_an_authenticator(client: Client, path: str) -> None:
    bob = make_begun()
    sign_in(bob, client)
    Authenticator.objects.update(confirmed=True)
    assert client.get(path)["Location"].startswith("/login/")


@pytest.mark.asvs("2.3.1")
@pytest.mark.parametrize(
    ("missing", "step"),
    [
        ({"recovery_saved_at": None}, "setup_recovery"),
        ({"view_pin": ""}, "setup_pins"),
        ({"payment_pin": ""}, "setup_pins"),
    ],
)
def test_a_second_factor_without_the_rest_leads_to_the_missing_step(
    client: Client, missing: dict[str, Any], step: str
) -> None:
    alice = make_customer()
    User.objects.update(**missing)
    sign_in(alice, client)
    assert client.get("/settings/")["Location"] == reverse(f"accounts:{step}")
    assert client.get(reverse(f"accounts:{step}")).status_code == 200


def test_somebody_set_up_cannot_go_back_into_set_up(client: Client) -> None:
    sign_in(make_customer(), client)
    for step in ("setup_totp", "setup_recovery", "setup_pins"):
        assert client.get(reverse(f"accounts:{step}"))["Location"] == reverse("payments:wallet")
        assert client.post(reverse(f"accounts:{step}"), {"action": "show"})["Location"] == reverse("payments:wallet")


@pytest.mark.asvs("14.3.2")
def test_nothing_behind_the_sign_in_is_kept_by_the_browser(client: Client) -> None:
    sign_in(make_customer(), client)
    for path in ("/settings/", "/settings/security/", "/nothing/here/"):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_passing_the_door_costs_three_queries_and_the_bell_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(make_customer(), client)
    client.get("/settings/")
    with django_assert_num_queries(5):  # the session, the user, the device; what is unread, and a wish for another name
        client.get("/settings/")


def test_public_pages_of_a_stranger_may_be_kept(client: Client) -> None:
    assert "no-store" not in client.get("/help/").get("Cache-Control", "")
