"""Sessions end, and nothing brings them back."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.access import step_up
from accounts.models import Session, StepUp
from accounts.sessions.store import SessionStore, digest
from tests.people import PASSWORD, make_begun, make_customer, sign_in

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    return bool(client.get("/settings/").status_code == 200)


def aged(**by: float) -> None:
    for session in Session.objects.all():
        Session.objects.filter(pk=session.pk).update(
            last_used_at=session.last_used_at - timedelta(**by), expire_date=session.expire_date - timedelta(**by)
        )


@pytest.mark.asvs("7.2.1", "7.2.2", "7.2.3")
def test_the_table_does_not_hold_the_key(client: Client) -> None:
    sign_in(make_customer(), client)
    row = Session.objects.get()
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert row.session_key == digest(key)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = row.session_key
    assert not is_in(thief)
    assert is_in(client)


@pytest.mark.asvs("7.3.1")
def test_five_idle_minutes_end_it(client: Client) -> None:
    sign_in(make_customer(), client)
    aged(seconds=290)
    assert is_in(client)
    aged(seconds=290)
    assert is_in(client)
    aged(seconds=301)
    assert not is_in(client)


def test_a_form_sent_after_the_end_is_told_that_it_was_not_used(client: Client) -> None:
    sign_in(make_customer(), client)
    aged(seconds=301)
    answer = client.post("/settings/security/", {"password": "anything"}, follow=True)
    assert answer.redirect_chain == [("/login/?next=/settings/security/", 302)]
    assert "What you filled in just now was not used" in answer.content.decode()
    assert "was not used" not in client.get("/login/").content.decode()


def test_nobody_else_is_told_of_an_end(client: Client) -> None:
    assert "was not used" not in client.post("/settings/security/", follow=True).content.decode()
    sign_in(make_customer(), client)
    aged(seconds=301)
    assert "was not used" not in client.get("/settings/security/", follow=True).content.decode()


@pytest.mark.asvs("7.3.2")
def test_twelve_hours_end_it_however_much_it_is_used(client: Client) -> None:
    sign_in(make_customer(), client)
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=30))
    assert is_in(client)
    assert Session.objects.get().expire_date < timezone.now() + timedelta(seconds=31)
    aged(seconds=31)
    assert not is_in(client)


def test_setting_up_leaves_time_to_install_an_app(client: Client) -> None:
    sign_in(make_begun(), client)
    aged(minutes=20)
    assert client.get("/setup/totp/").status_code == 200


def test_a_new_stamp_ends_every_session(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, client)
    alice.set_password("another horse battery")
    alice.save()
    assert not is_in(client)


def test_use_is_noted_with_address_and_device(client: Client) -> None:
    sign_in(make_customer(), client)
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

    step_up.grant(request)
    assert step_up.active(request)
    assert request.session.session_key != before
    with pytest.raises(UpdateError):
        slow.save()
    step_up.revoke(request)
    assert not step_up.active(request)


def test_a_slow_request_cannot_bring_a_step_up_back(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.session = SessionStore()
    request.session.save()
    step_up.grant(request)
    slow = SessionStore(request.session.session_key)
    slow["note"] = "x"
    step_up.revoke(request)
    slow.save()
    assert not step_up.active(request)


def test_a_step_up_ends_by_itself_and_with_its_session(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.session = SessionStore()
    request.session.save()
    step_up.grant(request)
    assert not step_up.active(request, "payment")
    StepUp.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not step_up.active(request)
    step_up.grant(request)
    request.session.flush()
    assert not StepUp.objects.exists()


def test_clearing_removes_what_has_ended(client: Client) -> None:
    sign_in(make_customer(), client)
    SessionStore.clear_expired()
    assert Session.objects.count() == 1
    aged(seconds=301)
    SessionStore.clear_expired()
    assert not Session.objects.exists()


# Where one is signed in

SESSIONS = "/settings/sessions/"


def two_sessions() -> tuple[Client, Client]:
    alice = make_customer()
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(alice, client)
        client.get("/settings/", headers={"User-Agent": "Firefox on Linux"})
    return here, there


@pytest.mark.asvs("7.5.2")
def test_it_lists_ones_own_sessions_only() -> None:
    here, _ = two_sessions()
    sign_in(make_customer("bob"), Client())
    page = here.get(SESSIONS).content.decode()
    assert page.count("Firefox on Linux") >= 2
    assert page.count('class="badge"') == 1
    assert all(str(session.pk) in page for session in Session.objects.filter(user__handle="alice"))
    assert not any(str(session.pk) in page for session in Session.objects.filter(user__handle="bob"))


@pytest.mark.asvs("7.5.2")
@pytest.mark.parametrize("wanted", ["others", "id"])
def test_ending_another_session_signs_it_out(wanted: str) -> None:
    here, there = two_sessions()
    there_id = Session.objects.get(session_key=digest(there.cookies[settings.SESSION_COOKIE_NAME].value)).pk
    choice = {"session": str(there_id) if wanted == "id" else "others"}
    here.post(SESSIONS, choice | {"current_password": "wrong horse battery"})
    assert is_in(there)
    here.post(SESSIONS, choice | {"current_password": PASSWORD})
    assert is_in(here)
    assert not is_in(there)


@pytest.mark.parametrize("wanted", ["", "nonsense", "a\0b", "current", "bobs"])
def test_what_is_not_another_session_of_ones_own_is_left_alone(wanted: str) -> None:
    here, there = two_sessions()
    bob = Client()
    sign_in(make_customer("bob"), bob)
    ids = {
        "current": Session.objects.get(session_key=digest(here.cookies[settings.SESSION_COOKIE_NAME].value)).pk,
        "bobs": Session.objects.get(user__handle="bob").pk,
    }
    page = here.post(SESSIONS, {"session": str(ids.get(wanted, wanted)), "current_password": PASSWORD})
    assert "error-summary" in page.content.decode()
    assert is_in(here)
    assert is_in(there)
    assert is_in(bob)


@pytest.mark.asvs("7.3.1")
def test_asking_how_long_is_left_is_no_use_and_staying_is(client: Client) -> None:
    sign_in(make_customer(), client)
    assert is_in(client)
    aged(seconds=200)
    assert 95 <= client.get("/settings/session/").json()["seconds"] <= 100
    assert 95 <= client.get("/settings/session/").json()["seconds"] <= 100
    assert 295 <= client.post("/settings/session/").json()["seconds"] <= 300
    aged(seconds=301)
    assert client.get("/settings/session/")["Location"].startswith("/login/")
