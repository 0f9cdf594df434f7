"""A stranger's guesses lock strangers out, not the owner."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core import signing
from django.test import Client, RequestFactory

from accounts.credentials import totp
from accounts.credentials.hashing import Kind
from accounts.errors import SecretLocked
from accounts.guard import attempts, known_browsers
from accounts.models import Tally, User
from tests.people import PASSWORD, code_for, make_customer, sign_in_by_pages
from tests.threads import run_together
from web import visitors

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = "That email, password or code is not right."


def is_in(client: Client) -> bool:
    return bool(client.get("/settings/").status_code == 200)


def owner_of(user: User) -> Client:
    """A browser in which the user has signed in and out."""
    client = Client()
    sign_in_by_pages(user, client, offset=-1)
    assert is_in(client)
    client.post("/logout/")
    return client


def guess(client: Client, email: str, times: int = 5) -> None:
    for number in range(times):
        client.post("/login/", {"email": email, "password": f"guess number {number}"})


@pytest.mark.asvs("6.3.1")
def test_the_owner_gets_in_from_a_known_browser_past_a_strangers_lock() -> None:
    alice = make_customer()
    known, unknown = owner_of(alice), Client()
    guess(Client(), alice.email)
    sign_in_by_pages(alice, unknown)
    assert not is_in(unknown)
    sign_in_by_pages(alice, known, offset=1)
    assert is_in(known)


def test_a_known_browser_has_five_tries_of_its_own() -> None:
    alice = make_customer()
    known = owner_of(alice)
    guess(known, alice.email)
    sign_in_by_pages(alice, known)
    assert not is_in(known)
    stranger = Client()
    sign_in_by_pages(alice, stranger, offset=1)
    assert is_in(stranger)


def test_it_is_known_for_those_who_signed_in_with_it_only() -> None:
    alice, bob = make_customer(), make_customer("bob")
    known = owner_of(alice)
    guess(Client(), bob.email)
    sign_in_by_pages(bob, known)
    assert not is_in(known)


def test_a_wrong_password_does_not_make_a_browser_known() -> None:
    alice = make_customer()
    client = Client()
    guess(client, alice.email, 1)
    assert known_browsers.COOKIE not in client.cookies


# A change of secrets


CHANGES: dict[str, dict[str, str]] = {
    "password": {"password": "another horse battery"},
    "pins": {"view_pin": "8241", "payment_pin": "730516"},
}


def knows(client: Client, user: User) -> bool:
    request = RequestFactory().get("/")
    request.COOKIES[known_browsers.COOKIE] = client.cookies[known_browsers.COOKIE].value
    return known_browsers.is_known(request, User.objects.get(pk=user.pk))


def change(client: Client, user: User, page: str) -> None:
    proof = {"current_password": PASSWORD, "code": code_for(user, 1)}
    answer = client.post(f"/settings/security/{page}/", CHANGES[page] | proof)
    assert answer["Location"] == "/settings/security/"


@pytest.mark.parametrize("page", CHANGES)
def test_changing_a_secret_makes_all_browsers_unknown_but_the_one_at_hand(page: str) -> None:
    alice, bob = make_customer(), make_customer("bob")
    here, elsewhere = Client(), owner_of(alice)
    sign_in_by_pages(bob, here)
    here.post("/logout/")
    sign_in_by_pages(alice, here)
    assert knows(here, alice) and knows(elsewhere, alice)
    change(here, alice, page)
    assert knows(here, alice) and knows(here, bob)
    assert not knows(elsewhere, alice)


def test_a_new_authenticator_does_so_too() -> None:
    alice = make_customer()
    here, elsewhere = Client(), owner_of(alice)
    sign_in_by_pages(alice, here)
    here.post("/settings/security/authenticator/", {"current_password": PASSWORD, "code": code_for(alice, 1)})
    fresh = alice.authenticators.get(confirmed=False)
    code = totp.code_for_step(fresh.seed, totp.step_at())
    assert here.post("/settings/security/authenticator/new/", {"code": code}).status_code == 302
    assert knows(here, alice) and not knows(elsewhere, alice)


def test_a_new_password_by_mail_makes_every_browser_unknown() -> None:
    alice = make_customer()
    known = owner_of(alice)
    alice.set_password("another horse battery")
    alice.save()
    assert not knows(known, alice)
    guess(known, alice.email)
    with pytest.raises(SecretLocked):  # its tries are a stranger's again
        attempts.prove(alice, Kind.PASSWORD, PASSWORD)


def test_signing_in_again_makes_it_known_again() -> None:
    alice = make_customer()
    client = owner_of(alice)
    User.objects.update(session_stamp=uuid4())
    assert not knows(client, alice)
    sign_in_by_pages(alice, client)
    assert knows(client, alice)


def test_the_cookie_does_not_hold_the_stamp() -> None:
    alice = make_customer()
    client = owner_of(alice)
    kept = signing.loads(client.cookies[known_browsers.COOKIE].value, salt=known_browsers.SALT)
    assert alice.session_stamp.hex not in str(kept) and str(alice.session_stamp) not in str(kept)


@pytest.mark.asvs("9.1.1")
@pytest.mark.parametrize("cookie", ["", "nonsense", "e30:1:x", '{"a": 1}'])
def test_a_cookie_we_did_not_sign_is_nothing(rf: RequestFactory, cookie: str) -> None:
    request = rf.get("/")
    request.COOKIES[known_browsers.COOKIE] = cookie
    alice = make_customer()
    assert known_browsers.subject(request, alice) == alice.id
    assert not known_browsers.is_known(request, alice)


def test_one_browser_knows_several_people() -> None:
    alice, bob = make_customer(), make_customer("bob")
    client = owner_of(alice)
    sign_in_by_pages(bob, client)
    request = RequestFactory().get("/")
    request.COOKIES[known_browsers.COOKIE] = client.cookies[known_browsers.COOKIE].value
    assert known_browsers.is_known(request, alice)
    assert known_browsers.is_known(request, bob)


# One network, many users


def spray(client: Client, number: int, **more: Any) -> int:
    answer = client.post("/login/", {"email": f"user{number}@example.com", "password": PASSWORD}, **more)
    return int(answer.status_code)


@pytest.mark.asvs("6.3.1")
def test_one_network_spraying_over_many_users_is_stopped_before_hashing(settings: Any) -> None:
    settings.SIGN_IN_TRIES_PER_NETWORK = 3
    answers = [spray(Client(), number) for number in range(5)]
    assert answers == [302, 302, 302, 429, 429]
    assert spray(Client(), 6, REMOTE_ADDR="192.0.2.9") == 302


def test_parallel_spraying_does_not_overshoot(settings: Any) -> None:
    settings.SIGN_IN_TRIES_PER_NETWORK = 5
    answers = run_together([lambda number=number: spray(Client(), number) for number in range(20)])
    assert sorted(answers) == [302] * 5 + [429] * 15


def test_own_successes_give_back_only_themselves(settings: Any) -> None:
    settings.SIGN_IN_TRIES_PER_NETWORK = 3
    mallory = make_customer("mallory")
    for number in range(2):
        assert spray(Client(), number) == 302
        sign_in_by_pages(mallory, Client(), offset=number)
        assert Tally.objects.get(scope="sign_in").count == number + 1
    assert spray(Client(), 8) == 302
    assert spray(Client(), 9) == 429


def test_the_owner_in_a_known_browser_is_let_through(settings: Any) -> None:
    alice = make_customer()
    known = owner_of(alice)
    settings.SIGN_IN_TRIES_PER_NETWORK = 0
    sign_in_by_pages(alice, known)
    assert is_in(known)


@pytest.mark.asvs("4.1.3", "15.3.4")
@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "10.0.0.1", "127.0.0.1"),
        (1, "nonsense", "0.0.0.0"),
        (1, "", "0.0.0.0"),
    ],
)
def test_only_our_own_proxies_are_believed(
    rf: RequestFactory, settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert visitors.address(rf.get("/", headers={"X-Forwarded-For": forwarded})) == address


def test_ipv4_in_ipv6s_clothes_is_ipv4(rf: RequestFactory) -> None:
    assert visitors.network(rf.get("/", REMOTE_ADDR="::ffff:192.0.2.7")) == "192.0.2.7"


def test_one_line_of_ipv6_is_one_network(rf: RequestFactory) -> None:
    networks = {visitors.network(rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{host}")) for host in ("1", "2", "ffff:1")}
    assert networks == {"2001:db8:1:2::/64"}


def test_the_cookie_is_out_of_reach_of_scripts() -> None:
    client = owner_of(make_customer())
    assert client.cookies[known_browsers.COOKIE]["httponly"]
    assert bool(client.cookies[known_browsers.COOKIE]["secure"]) is site.SESSION_COOKIE_SECURE
