"""A change of a secret is one transaction: done whole, or not at all, whoever else changes something meanwhile."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.entry.changing import change
from accounts.entry.setting_up import set_up
from accounts.models import Authenticator, Guard, SecurityEvent, Session, User
from tests.notices.telling import kinds_told
from tests.people import PASSWORD, code_for, make_begun, make_customer, sign_in, sign_in_by_pages
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True)
NEW_PASSWORD = "a new horse battery"
MEANWHILE = "changed in another window meanwhile"


def begin(client: Client, alice: User, offset: int = 0) -> Any:
    return client.post(
        "/settings/security/authenticator/", {"current_password": PASSWORD, "code": code_for(alice, offset)}
    )


def new_code(alice: User) -> str:
    from accounts.credentials import totp

    device = Authenticator.objects.get(user=alice, confirmed=False)
    return totp.code_for_step(device.seed, totp.step_at())


@pytest.mark.asvs("15.4.2")
def test_two_windows_that_replace_the_authenticator_leave_exactly_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other window begins a newer one between this one's code and its taking the old one's place."""
    alice, client = make_customer(), Client()
    sign_in(alice, client)
    begin(client, alice)
    plain = set_up.prove_authenticator

    def overtaken(device: Authenticator, code: str) -> None:
        plain(device, code)
        set_up.begin_authenticator(alice)

    monkeypatch.setattr(set_up, "prove_authenticator", overtaken)
    page = client.post("/settings/security/authenticator/new/", {"code": new_code(alice)})
    assert MEANWHILE in page.content.decode()
    assert Authenticator.objects.filter(user=alice, confirmed=True).count() == 1
    assert not SecurityEvent.objects.filter(kind="authenticator_set").exists()


def test_twenty_at_once_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_customer()
    device = set_up.begin_authenticator(alice)
    monkeypatch.setattr("accounts.entry.setting_up.set_up.otp_login", lambda *_: None)
    monkeypatch.setattr("accounts.entry.changing.change.settle", lambda *_: None)
    monkeypatch.setattr("accounts.events.record", lambda *_: None)

    class Request:
        session = type("Store", (), {"cycle_key": lambda self: None})()

    def confirm() -> None:
        user = User.objects.get(pk=alice.pk)
        with change.changing(user, user.session_stamp):
            set_up.confirm_authenticator(Request(), user, device)  # type: ignore[arg-type]

    results = run_together([confirm] * 20)
    assert results.count(None) == 1
    assert Authenticator.objects.filter(user=alice, confirmed=True).count() == 1


def test_a_password_alone_never_opens_enrolment_again() -> None:
    alice = make_customer()
    User.objects.filter(pk=alice.pk).update(enrolled_at="2026-01-01T00:00Z")
    Authenticator.objects.all().delete()  # whatever made them go
    client = Client()
    answer = client.post("/login/", {"email": alice.email, "password": PASSWORD})
    assert answer["Location"] == "/login/code/"
    assert client.get("/setup/totp/")["Location"].startswith("/login/")


def test_enrolling_is_remembered() -> None:
    bob, client = make_begun(), Client()
    client.post("/login/", {"email": bob.email, "password": PASSWORD})
    assert User.objects.get().enrolled_at is None
    client.post("/setup/totp/", {"code": code_for(bob)})
    assert User.objects.get().enrolled_at is not None


def test_those_who_enrolled_before_it_was_remembered_are_marked() -> None:
    enrolled, begun = make_customer(), make_begun()
    User.objects.update(enrolled_at=None)
    migration = import_module("accounts.migrations.0004_enrolled_at")
    migration.mark_enrolled(apps, connection.schema_editor())
    assert User.objects.get(pk=enrolled.pk).enrolled_at is not None
    assert User.objects.get(pk=begun.pk).enrolled_at is None


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/settings/security/password/", {"password": NEW_PASSWORD}),
        ("/settings/security/pins/", {"view_pin": "9047", "payment_pin": "902614"}),
        ("/settings/security/recovery/", {}),
    ],
)
@pytest.mark.parametrize("what", ["changed", "closed"])
def test_what_changed_after_the_proof_stops_the_change(
    monkeypatch: pytest.MonkeyPatch, address: str, form: dict[str, str], what: str
) -> None:
    alice, client = make_customer(), Client()
    sign_in(alice, client)
    plain = change.confirm

    def overtaken(*args: Any, **options: Any) -> None:
        plain(*args, **options)
        if what == "closed":
            User.objects.update(is_active=False)
        else:
            other = User.objects.get()
            other.set_password("yet another horse")
            other.save()

    monkeypatch.setattr(change, "confirm", overtaken)
    page = client.post(address, form | {"current_password": PASSWORD, "code": code_for(alice)})
    assert MEANWHILE in page.content.decode()
    after = User.objects.get()
    assert (after.view_pin, after.payment_pin) == (alice.view_pin, alice.payment_pin)
    assert not after.check_password(NEW_PASSWORD)
    assert not after.recovery_codes.exists()
    assert "secret_changed" not in kinds_told()


def test_a_session_that_ended_meanwhile_undoes_the_whole_change(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, client = make_customer(), Client()
    sign_in(alice, client)
    plain = change.confirm

    def overtaken(*args: Any, **options: Any) -> None:
        plain(*args, **options)
        Session.objects.all().delete()

    monkeypatch.setattr(change, "confirm", overtaken)
    form = {"password": NEW_PASSWORD, "current_password": PASSWORD, "code": code_for(alice)}
    assert client.post("/settings/security/password/", form).status_code == 400
    assert User.objects.get().password == alice.password
    assert "secret_changed" not in kinds_told()


def test_a_mail_server_that_is_away_leaves_the_change_done_and_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, client = make_customer(), Client()
    sign_in(alice, client)
    monkeypatch.setattr("notices.mail.send_mail", lambda *_: (_ for _ in ()).throw(OSError("refused")))
    form = {"password": NEW_PASSWORD, "current_password": PASSWORD, "code": code_for(alice)}
    assert client.post("/settings/security/password/", form).status_code == 302
    assert User.objects.get().check_password(NEW_PASSWORD)
    assert SecurityEvent.objects.filter(kind="password_changed").count() == 1


@pytest.mark.asvs("16.3.1")
@pytest.mark.parametrize(
    "address", ["/settings/security/password/", "/settings/sessions/", "/settings/security/authenticator/"]
)
def test_wrong_secrets_at_a_change_are_in_the_log_and_so_is_their_lock(address: str) -> None:
    alice, client = make_customer(), Client()
    sign_in(alice, client)
    form = {"password": NEW_PASSWORD, "session": "others", "current_password": "wrong horse", "code": "123456"}
    other = Client()
    sign_in(alice, other)
    pages = [client.post(address, form).content.decode() for _ in range(6)]
    kinds = list(SecurityEvent.objects.values_list("kind", flat=True))
    assert kinds.count("secret_refused") == 4
    assert kinds.count("locked") == 1
    assert "in 1 minute" in pages[-1]


def test_a_counter_that_is_deleted_under_a_waiting_try_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.guard import attempts

    alice = make_customer()
    for _ in range(5):
        attempts.Attempt(alice.id, "view_pin").reserve()
    waited: list[float] = []

    def changed(seconds: float) -> None:
        if not waited:
            Guard.objects.all().delete()
        waited.append(seconds)

    monkeypatch.setattr(attempts.time, "sleep", changed)
    attempts.Attempt(alice.id, "view_pin").reserve()
    assert Guard.objects.get().failures == 0


# Recovery


def reset(client: Client, alice: User) -> Any:
    client.post("/recover/", {"email": alice.email})
    link = next(word for word in mail.outbox[-1].body.split() if "/reset/" in word)
    client.get(link)
    return client.post("/reset/", {"password": NEW_PASSWORD, "code": code_for(alice)})


@pytest.mark.asvs("6.4.3")
def test_the_browser_that_reset_gets_in_past_a_strangers_guesses_in_between() -> None:
    alice, owner = make_customer(), Client()
    assert reset(owner, alice)["Location"] == "/login/"
    for _ in range(5):
        Client().post("/login/", {"email": alice.email, "password": "wrong horse battery"})
    owner.post("/login/", {"email": alice.email, "password": NEW_PASSWORD})
    assert owner.post("/login/code/", {"code": code_for(alice, 1)})["Location"] == "/wallet/"


def test_a_lock_on_codes_set_by_who_knew_the_old_password_does_not_outlive_the_reset() -> None:
    alice = make_customer()
    stranger = Client()
    stranger.post("/login/", {"email": alice.email, "password": PASSWORD})
    wrong = "000000" if code_for(alice) != "000000" else "000001"
    for _ in range(5):
        stranger.post("/login/code/", {"code": wrong})
    assert Guard.objects.get(subject=alice.id, kind="totp").locked_until
    reset(Client(), alice)
    anywhere = Client()
    anywhere.post("/login/", {"email": alice.email, "password": NEW_PASSWORD})
    assert anywhere.post("/login/code/", {"code": code_for(alice, 1)})["Location"] == "/wallet/"


def asks(client: Client, email: str, times: int = 1) -> int:
    """How many mails that brought."""
    before = len(mail.outbox)
    for _ in range(times):
        assert client.post("/recover/", {"email": email})["Location"] == "/recover/sent/"
    return len(mail.outbox) - before


def test_strangers_cannot_use_up_the_owners_mails() -> None:
    alice = make_customer()
    assert sum(asks(Client(REMOTE_ADDR=f"192.0.2.{host}"), alice.email, 5) for host in range(1, 6)) <= 25
    assert asks(Client(REMOTE_ADDR="198.51.100.7"), alice.email) == 1


def test_a_known_browser_has_a_budget_of_its_own() -> None:
    alice, known = make_customer(), Client(REMOTE_ADDR="192.0.2.1")
    sign_in_by_pages(alice, known)
    known.post("/logout/")
    asks(Client(REMOTE_ADDR="192.0.2.1"), alice.email, 9)
    assert asks(known, alice.email, 9) == 5
