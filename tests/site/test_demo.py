"""`manage.py demo`: people and history to look at, in demo mode only."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.credentials import pin_policy
from accounts.credentials.hashing import Kind, matches
from accounts.models import User
from accounts.people import handles
from ledger.models import Account, Entry, Transfer
from tests import people
from wallet_site.demo import HISTORY, NEIGHBOURS, SIGN_INS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


def run() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def test_it_makes_people_with_half_a_year_of_history() -> None:
    assert f"{len(HISTORY)} payments" in run()
    ada = User.objects.get(handle="ada")
    assert ada.missing_step() is None
    assert matches(Kind.PASSWORD, ada.id, SIGN_INS[0].password, ada.password)
    assert matches(Kind.PAYMENT_PIN, ada.id, SIGN_INS[0].payment_pin, ada.payment_pin)
    entries = list(Entry.objects.of(Account.objects.for_owner(ada)))
    assert len(entries) > 20
    assert entries[-1].posted_at < timezone.now() - timedelta(days=160)
    assert entries[0].posted_at < timezone.now()


def test_a_second_run_changes_and_says_nothing() -> None:
    run()
    before = list(Transfer.objects.order_by("id").values()), list(User.objects.order_by("id").values())
    assert run() == ""
    assert before == (list(Transfer.objects.order_by("id").values()), list(User.objects.order_by("id").values()))


def test_a_first_run_that_was_cut_off_is_completed() -> None:
    people.make_customer("noor", "Noor Haddad")
    run()
    assert Transfer.objects.count() == len(HISTORY)


def test_a_demo_that_knows_less_history_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("wallet_site.management.commands.demo.HISTORY", HISTORY[:9])
        run()
    assert run() == ""
    assert Transfer.objects.count() == 9


def test_it_refuses_outside_demo_mode(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError) as refusal:
        run()
    assert refusal.value.returncode == 1
    assert not User.objects.exists()


def test_nobody_signs_in_as_a_neighbour() -> None:
    run()
    for neighbour in NEIGHBOURS:
        user = User.objects.get(handle=neighbour.handle)
        assert not user.has_usable_password()
        assert not matches(Kind.PAYMENT_PIN, user.id, "!", user.payment_pin)


def test_its_secrets_pass_our_own_rules() -> None:
    for person in SIGN_INS:
        validate_password(person.password, User(full_name=person.full_name, email=person.email, handle=person.handle))
        if not person.is_staff:
            assert not pin_policy.is_trivial(person.view_pin)
            assert not pin_policy.is_trivial(person.payment_pin)
    for handle in [neighbour.handle for neighbour in NEIGHBOURS] + ["ada", "grace"]:
        assert handles.is_well_formed(handle)
        assert not handles.is_reserved(handle, "Twofold")
