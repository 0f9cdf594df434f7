"""What people are called, from the form that takes it to the staff who look at it."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.entry.joining import open_account
from accounts.models import Tally, User
from backoffice.roles import AUDITORS
from tests.forms import our_forms
from tests.people import PASSWORD, make_customer, make_staff, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def invite(client: Client, email: str = "ada@example.com", **origin: str) -> None:
    client.post(reverse("accounts:register"), {"email": email}, **origin)  # type: ignore[arg-type]
    link = re.search(r"https?://testserver(/join/\S+)", str(mail.outbox[-1].body))
    assert link
    client.get(link[1])


def join(client: Client, **changes: str) -> Any:
    data = {"full_name": "Ada Lovelace", "handle": "ada_l", "password": PASSWORD}
    return client.post(reverse("accounts:join_form"), data | changes)


class TestJoining:
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("\u3164\u3164", "invisible character (U+3164)"),
            ("ᴛwofold", "“ᴛ” is a letter in a special form"),
            ("Ada ✓", "can’t have the sign “✓”"),
            ("Z\u0300\u0301\u0302a", "more accents on “Z”"),
            ("Тwofold", "in one alphabet"),
            ("Тԝоғоӏԁ", "taken for the bank’s"),
            ("Support Team", "taken for the bank’s"),
            ("e\u0301" * 104, "has 104 characters; at most 100 fit"),
        ],
    )
    def test_a_name_that_deceives_is_refused_and_the_reason_said_beside_it(
        self, client: Client, name: str, reason: str
    ) -> None:
        invite(client)
        page = join(client, full_name=name).content.decode()
        error = page.split('id="id_full_name_error"')[1].split("</p>")[0]
        assert reason in error
        assert not User.objects.exists()

    @pytest.mark.parametrize("name", ["علی‌رضا", "ශ්‍රී", "നന്ദന്‍", "Peter Wallet"])
    def test_people_who_were_refused_once_are_let_in(self, client: Client, name: str) -> None:
        invite(client)
        assert join(client, full_name=name).status_code == 302
        assert User.objects.get().full_name == name

    @pytest.mark.parametrize(
        ("full_name", "handle", "review"),
        [
            ("Ada Lovelace", "ada_l", ""),
            ("John Staff", "ada_l", "name"),
            ("Anna Billing", "anna_billing", "name"),
            ("Anna B.", "anna_billing", "handle"),
        ],
    )
    def test_what_might_be_the_banks_is_let_in_and_put_on_the_list(
        self, client: Client, full_name: str, handle: str, review: str
    ) -> None:
        invite(client)
        assert join(client, full_name=full_name, handle=handle).status_code == 302
        user = User.objects.get()
        assert user.name_review == review
        assert (user.name_review_at is not None) == bool(review)

    @pytest.mark.parametrize("handle", ["support_x", "my_twofold_x", "official_ada", "supp0rt24", "x" * 5000])
    def test_a_handle_that_deceives_is_refused(self, client: Client, handle: str) -> None:
        invite(client)
        assert 'id="id_handle_error"' in join(client, handle=handle).content.decode()
        assert not User.objects.exists()


class TestTheStaffsList:
    def test_it_shows_the_names_to_look_at_and_why(self, client: Client) -> None:
        make_customer("alice", full_name="Alice Example")
        bob = make_customer("bob", full_name="Bob Billing")
        bob.ask_for_review(User.NameReview.NAME)
        bob.save()
        sign_in(make_staff(groups=[AUDITORS]), client)
        users = reverse("admin:accounts_user_changelist")
        assert "All names to look at" in client.get(users).content.decode()
        for chosen in ("any", "name"):
            listed = client.get(users, {"name_review": chosen}).content.decode()
            assert "Bob Billing" in listed
            assert "The name might be the bank’s" in listed
            assert "Alice Example" not in listed
        assert "Bob Billing" not in client.get(users, {"name_review": "handle"}).content.decode()
        assert client.get(users, {"name_review": "nonsense"}).status_code == 200
        page = client.get(reverse("admin:accounts_user_change", args=[bob.pk])).content.decode()
        assert "The name might be the bank’s" in page

    def test_a_command_puts_on_it_who_came_before_the_rules(self) -> None:
        make_customer("alice", full_name="ᴛwofold")
        make_customer("support_x", full_name="Grace Hopper")
        make_customer("carol", full_name="Carol Staff")
        make_customer("dave", full_name="Dave Plain")
        make_staff()
        for told in ("3.", "0."):
            out = StringIO()
            call_command("look_at_names", stdout=out)
            assert out.getvalue().strip().endswith(told)
        listed = dict(User.objects.exclude(name_review="").values_list("handle", "name_review"))
        assert listed == {"alice": "refused", "support_x": "refused", "carol": "name"}


class TestAskingForHandles:
    """The answer tells who is a customer, so it is not to be had without end."""

    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(open_account, "HANDLES_BY_INVITATION", 3)
        monkeypatch.setattr(open_account, "HANDLES_BY_NETWORK", 5)
        make_customer("alice")

    def test_one_invitation_asks_so_often_and_a_new_one_to_the_mailbox_not_again(self, client: Client) -> None:
        invite(client)
        for _ in range(3):
            assert "belongs to somebody" in join(client, handle="alice").content.decode()
        for handle in ("alice", "nobody_yet"):  # taken or free, the answer is the same
            page = join(client, handle=handle).content.decode()
            assert joining_is_closed(page)
        invite(client)
        assert joining_is_closed(join(client, handle="alice").content.decode())
        assert User.objects.count() == 1

    def test_one_network_asks_so_often_with_however_many_invitations(self) -> None:
        answers = []
        for number in range(3):
            client = Client()
            invite(client, f"ada{number}@example.com")
            answers += [joining_is_closed(join(client, handle="alice").content.decode()) for _ in range(2)]
        assert answers == [False] * 5 + [True]
        elsewhere = Client(REMOTE_ADDR="198.51.100.7")
        invite(elsewhere, "carol@example.com")
        assert "belongs to somebody" in join(elsewhere, handle="alice").content.decode()

    def test_what_is_not_looked_up_costs_nothing(self, client: Client) -> None:
        invite(client)
        for handle in ("ab", "support_x", "bank", "", "a b"):
            join(client, handle=handle)
        for _ in range(3):
            join(client, handle="alice", password="short")
        assert not Tally.objects.filter(scope__startswith="handles", count__gt=0).exists()
        assert join(client).status_code == 302
        assert not Tally.objects.filter(scope__startswith="handles", count__gt=0).exists()

    def test_an_hour_later_one_may_ask_again(self, client: Client) -> None:
        invite(client)
        for _ in range(4):
            join(client, handle="alice")
        Tally.objects.filter(scope__startswith="handles").update(ends_at=timezone.now() - timedelta(seconds=1))
        assert join(client).status_code == 302

    def test_other_mistakes_do_not_tell_whether_a_handle_is_taken(self, client: Client) -> None:
        invite(client)
        pages = [join(client, handle=handle, password="short").content.decode() for handle in ("alice", "nobody_yet")]
        assert ["belongs to somebody" in page or 'id="id_handle_error"' in page for page in pages] == [False, False]


def joining_is_closed(page: str) -> bool:
    return "we look none up for you at the moment" in page


def test_no_field_of_any_form_is_cut_by_the_browser() -> None:
    """`maxlength` cuts what is pasted, and says nothing."""
    for form in our_forms():
        cut = [name for name, field in form.base_fields.items() if "maxlength" in field.widget.attrs]
        assert cut == [], form


def test_a_name_written_from_the_right_stays_where_it_is_shown(client: Client) -> None:
    sign_in(make_customer(full_name="محمد علي"), client)
    assert "<bdi>محمد علي</bdi>" in client.get(reverse("accounts:settings")).content.decode()


def test_an_initial_is_a_letter() -> None:
    assert User(full_name="’t Hooft").initials == "TH"
    assert User(full_name="د. محمد").initials == "دم"
    assert User(full_name="- Ada").initials == "A"


class TestUpgrading:
    """From the version before names were looked at."""

    BEFORE = [("accounts", "0003_guard_tried_at")]

    def test_people_keep_what_they_are_called_and_get_one_spelling_of_their_mail(self) -> None:
        leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
        old = make_customer("alice", email="alice@example.com", full_name="ᴛwofold")
        try:
            MigrationExecutor(connection).migrate(self.BEFORE)
            with connection.cursor() as cursor:
                for email in ("root@bücher.example", "ada@bücher.example", "ada@xn--bcher-kva.example", "x@ü..example"):
                    cursor.execute(INSERT, [email])
        finally:
            MigrationExecutor(connection).migrate(leaves)
        assert set(User.objects.values_list("email", flat=True)) == {
            "alice@example.com",
            "root@xn--bcher-kva.example",
            "ada@bücher.example",  # whose other spelling somebody has
            "ada@xn--bcher-kva.example",
            "x@ü..example",
        }
        kept = apps.get_model("accounts", "User").objects.get(pk=old.pk)
        assert (kept.full_name, kept.handle, kept.name_review, kept.name_review_at) == ("ᴛwofold", "alice", "", None)


INSERT = """
INSERT INTO accounts_user (id, password, is_superuser, email, full_name, view_pin, payment_pin, session_stamp, is_staff,
    is_active, date_joined) VALUES (gen_random_uuid(), '', true, %s, 'Staff', '', '', gen_random_uuid(), true, true, now())
"""
