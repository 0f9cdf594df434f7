"""What staff see of people."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import SecurityEvent, User
from tests.people import PAYMENT_PIN, make_customer, make_staff, sign_in

pytestmark = pytest.mark.django_db


def auditor() -> User:
    staff = make_staff()
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "view_securityevent"]))
    return staff


@pytest.mark.asvs("16.3.3")
def test_looking_at_a_customer_is_written_in_their_log(client: Client) -> None:
    alice = make_customer()
    sign_in(auditor(), client)
    page = client.get(reverse("admin:accounts_user_change", args=[alice.pk]))
    assert alice.email in page.content.decode()
    event = SecurityEvent.objects.get(user=alice)
    assert event.kind == "staff_viewed"
    assert event.actor == User.objects.get(is_staff=True)


def test_no_hash_seed_or_stamp_is_shown(client: Client) -> None:
    alice = make_customer()
    sign_in(auditor(), client)
    page = client.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    for hidden in (alice.password, alice.view_pin, alice.payment_pin, str(alice.session_stamp), PAYMENT_PIN):
        assert hidden not in page


@pytest.mark.parametrize("model", ["user", "securityevent"])
def test_nothing_can_be_added_changed_or_deleted_even_by_a_superuser(client: Client, model: str) -> None:
    alice = make_customer()
    event = SecurityEvent.objects.create(user=alice, kind="joined")
    sign_in(make_staff(is_superuser=True), client)
    key = alice.pk if model == "user" else event.pk
    assert client.get(reverse(f"admin:accounts_{model}_add")).status_code == 403
    assert client.post(reverse(f"admin:accounts_{model}_delete", args=[key]), {"post": "yes"}).status_code == 403
    assert (
        client.post(reverse(f"admin:accounts_{model}_change", args=[key]), {"email": "x@example.com"}).status_code
        == 403
    )
    assert User.objects.filter(pk=alice.pk, email="alice@example.com").exists()


@pytest.mark.asvs("8.2.1")
def test_without_the_role_there_is_nothing_to_see(client: Client) -> None:
    alice = make_customer()
    sign_in(make_staff(), client)
    assert client.get(reverse("admin:accounts_user_changelist"), follow=True).status_code == 403
    assert client.get(reverse("admin:accounts_user_change", args=[alice.pk])).status_code == 403
    assert not SecurityEvent.objects.exists()


def test_customers_do_not_reach_the_admin(client: Client) -> None:
    sign_in(make_customer(), client)
    assert client.get(reverse("admin:accounts_user_changelist"), follow=True).status_code == 403


@pytest.mark.parametrize("term", ["@alice", "@ALICE", " ＠Alice ", "Example @alice", "alice@example.com"])
def test_a_handle_is_found_as_it_is_written(client: Client, term: str) -> None:
    alice, bob = make_customer(), make_customer("bobby")
    for user in (alice, bob):
        SecurityEvent.objects.create(user=user, kind="joined")
    sign_in(auditor(), client)
    for model in ("user", "securityevent"):
        rows = client.get(reverse(f"admin:accounts_{model}_changelist"), {"q": term}).context["cl"].result_list
        assert [str(getattr(row, "user", row)) for row in rows] == ["@alice"]


@pytest.mark.parametrize("model", ["user", "securityevent"])
def test_the_way_back_leads_to_the_list_and_there_is_no_dead_history(client: Client, model: str) -> None:
    alice = make_customer()
    event = SecurityEvent.objects.create(user=alice, kind="joined")
    sign_in(auditor(), client)
    address = reverse(f"admin:accounts_{model}_change", args=[alice.pk if model == "user" else event.pk])
    page = client.get(address).content.decode()
    assert f">Back to {'users' if model == 'user' else 'security events'}</a>" in page
    assert ">Close<" not in page and "/history/" not in page
    assert client.get(address.replace("/change/", "/history/")).status_code == 404
