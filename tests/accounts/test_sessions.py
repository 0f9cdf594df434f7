"""Sessions end, and nothing brings them back."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import stepup
from accounts.models import Session, StepUp
from accounts.sessions import SessionStore, digest
from tests.accounts.people import make_begun, make_customer, sign_in

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    return bool(client.get("/settings/").status_code == 200)


def aged(**by: float) -> None:
    for session in Session.objects.all():
        Session.objects.filter(pk=session.pk).update(
            last_used_at=session.last_used_at - timedelta(**by), expire_date=session.expire_date - timedelta(**by)
        )


@pytest.mark.asvs("7.2.3")
def test_the_table_does_not_hold_the_key(client: Client) -> None:
    sign_in(client, make_customer())
    row = Session.objects.get()
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert row.session_key == digest(key)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = row.session_key
    assert not is_in(thief)
    assert is_in(client)


@pytest.mark.asvs("7.3.1")
def test_five_idle_minutes_end_it(client: Client) -> None:
    sign_in(client, make_customer())
    aged(seconds=290)
    assert is_in(client)
    aged(seconds=290)
    assert is_in(client)
    aged(seconds=301)
    assert not is_in(client)


@pytest.mark.asvs("7.3.2")
def test_twelve_hours_end_it_however_much_it_is_used(client: Client) -> None:
    sign_in(client, make_customer())
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=30))
    assert is_in(client)
    assert Session.objects.get().expire_date < timezone.now() + timedelta(seconds=31)
    aged(seconds=31)
    assert not is_in(client)


def test_setting_up_leaves_time_to_install_an_app(client: Client) -> None:
    sign_in(client, make_begun())
    aged(minutes=20)
    assert client.get("/setup/totp/").status_code == 200


def test_a_new_stamp_ends_every_session(client: Client) -> None:
    alice = make_customer()
    sign_in(client, alice)
    alice.set_password("another horse battery")
    alice.save()
    assert not is_in(client)


def test_use_is_noted_with_address_and_device(client: Client) -> None:
    sign_in(client, make_customer())
    client.get("/settings/", headers={"User-Agent": "Lynx\x07 2.9" + "x" * 300}, REMOTE_ADDR="192.0.2.7")
    row = Session.objects.get()
    assert row.address == "192.0.2.7"
    assert row.agent.startswith("Lynx 2.9")
    assert len(row.agent) == 200


@pytest.mark.asvs("7.2.4")
def test_a_step_up_has_a_row_of_its_own_and_a_new_session_key(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.session = SessionStore()
    request.session.save()
    before = request.session.session_key
    slow = SessionStore(before)
    slow["note"] = "read before the step-up"

    stepup.grant(request)
    assert stepup.active(request)
    assert request.session.session_key != before
    with pytest.raises(UpdateError):
        slow.save()
    stepup.revoke(request)
    assert not stepup.active(request)


def test_a_slow_request_cannot_bring_a_step_up_back(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.session = SessionStore()
    request.session.save()
    stepup.grant(request)
    slow = SessionStore(request.session.session_key)
    slow["note"] = "x"
    stepup.revoke(request)
    slow.save()
    assert not stepup.active(request)


def test_a_step_up_ends_by_itself_and_with_its_session(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.session = SessionStore()
    request.session.save()
    stepup.grant(request)
    assert not stepup.active(request, "payment")
    StepUp.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not stepup.active(request)
    stepup.grant(request)
    request.session.flush()
    assert not StepUp.objects.exists()


def test_clearing_removes_what_has_ended(client: Client) -> None:
    sign_in(client, make_customer())
    SessionStore.clear_expired()
    assert Session.objects.count() == 1
    aged(seconds=301)
    SessionStore.clear_expired()
    assert not Session.objects.exists()
