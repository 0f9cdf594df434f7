"""Every address of the site, asked for by everybody it may not be for: a table says what each of them may reach.

An address that is not in the table fails the test: whoever adds one says whom it is for.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import Authenticator, MailedToken, NameWish, SecurityEvent, Session, User
from backoffice.roles import AUDITORS, make_groups
from ledger.models import Entry, HotAccount, Transfer
from notices.delivery import hand_out
from notices.models import Letter, Notice
from payments.models import Payee
from statements.making import make_requested
from tests.people import PAYMENT_PIN, fund, make_begun, make_customer, make_staff, sign_in

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "serializable"]),
]

# Who asks, in the order of the words below. An answer's word: a page, a status, or where it leads.
VISITORS = ["nobody", "half set up", "another customer", "staff without a role", "an auditor"]
ALL = "page page page page page"
OWN = "login setup page page page"  # one's own settings
CUSTOMER = "login setup page admin admin"  # one's own money
NOT_THEIRS = "login setup 404 admin admin"  # somebody else's money
STAFF = "login setup admin page page"
AUDITOR = "login setup admin 403 page"
NO_STAFF = "login setup admin 403 403"
NOT_ALL, GONE, HOME = ("405 " * 5).strip(), ("410 " * 5).strip(), ("home " * 5).strip()
NOTHING = ("404 " * 5).strip()

# By name: the answers to GET and to POST.
TABLE = {
    "landing": (ALL, NOT_ALL),
    "help": (ALL, NOT_ALL),
    "theme": (NOT_ALL, HOME),
    "styleguide": (ALL, NOT_ALL),
    "healthz": (ALL, NOT_ALL),
    "readyz": (ALL, NOT_ALL),
    "accounts:register": (ALL, ALL),
    "accounts:register_sent": (ALL, NOT_ALL),
    "accounts:join": (GONE, NOT_ALL),
    "accounts:join_form": (GONE, GONE),
    "accounts:login": ("page page wallet admin admin", "page page wallet admin admin"),
    "accounts:login_code": ("login login login login login", "login login login login login"),
    "accounts:logout": (NOT_ALL, HOME),
    "accounts:recover": (ALL, ALL),
    "accounts:recover_sent": (ALL, NOT_ALL),
    # Whoever holds the mailed link gets to its form, which asks for a code. Without the link there is no form.
    "accounts:reset": ("reset reset reset reset reset", NOT_ALL),
    "accounts:reset_form": (GONE, GONE),
    "accounts:setup_totp": ("login page wallet admin admin", "login page wallet admin admin"),
    "accounts:setup_recovery": ("login setup wallet admin admin", "login setup wallet admin admin"),
    "accounts:setup_pins": ("login setup wallet admin admin", "login setup wallet admin admin"),
    "accounts:settings": (OWN, "login setup 405 405 405"),
    "accounts:change_email": (OWN, OWN),
    "accounts:stop_email_change": ("login setup 405 405 405", "login setup settings settings settings"),
    # As with a new password: the mailed link leads to its page, and to nobody else's.
    "accounts:email_link": (GONE, NOT_ALL),
    "accounts:email_form": (GONE, GONE),
    "accounts:change_name": (CUSTOMER, CUSTOMER),
    "accounts:take_name_back": ("login setup 405 admin admin", "login setup settings admin admin"),
    "own_data:page": (CUSTOMER, CUSTOMER),
    "own_data:waiting": ("login setup settings admin admin", "login setup 405 admin admin"),
    "own_data:download": ("login setup 405 admin admin", "login setup wallet admin admin"),
    "accounts:region": (CUSTOMER, CUSTOMER),
    "accounts:security": (OWN, "login setup 405 405 405"),
    "accounts:sessions": (OWN, OWN),
    "accounts:session": ("login page page page page", "login page page page page"),
    "accounts:change_password": (OWN, OWN),
    "accounts:change_pins": (CUSTOMER, CUSTOMER),
    "accounts:change_recovery": (OWN, OWN),
    "accounts:recovery_file": ("login 405 405 405 405", "login settings settings settings settings"),
    "accounts:change_authenticator": (OWN, OWN),
    "accounts:new_authenticator": ("login setup settings settings settings", "login setup settings settings settings"),
    "payments:wallet": (CUSTOMER, "login setup 405 admin admin"),
    "statements:reveal": (CUSTOMER, CUSTOMER),
    "statements:hide": ("login setup 405 admin admin", "login setup wallet admin admin"),
    "payments:demo_money": ("login setup 405 admin admin", "login setup wallet admin admin"),
    "statements:activity": (CUSTOMER, "login setup 405 admin admin"),
    "statements:activity_detail": (NOT_THEIRS, "login setup 405 admin admin"),
    "statements:statements": (CUSTOMER, CUSTOMER),
    "statements:statement": (NOT_THEIRS, "login setup 405 admin admin"),
    "statements:statement_proof": (NOT_THEIRS, "login setup 405 admin admin"),
    "statements:prepare_pdf": ("login setup 405 admin admin", NOT_THEIRS),
    "statements:pdf_part": (NOT_THEIRS, "login setup 405 admin admin"),
    "statements:proof_file": (NOT_THEIRS, "login setup 405 admin admin"),
    "statements:proof_picture": (NOT_THEIRS, "login setup 405 admin admin"),
    "statements:log_checkpoint": (NOTHING, NOT_ALL),  # nothing is signed here, and proofs are of what is
    "statements:log_inclusion": (NOTHING, NOT_ALL),
    "statements:log_consistency": (NOTHING, NOT_ALL),
    "statements:verify": (ALL, ALL),
    "statements:activity_tag": ("login setup 404 admin admin", NOT_THEIRS),
    "statements:export": ("login setup wallet admin admin", "login setup 405 admin admin"),
    "statements:tags": (CUSTOMER, "login setup 405 admin admin"),
    "payments:payees": (CUSTOMER, "login setup 405 admin admin"),
    "payments:payee": (NOT_THEIRS, NOT_THEIRS),
    "notices:list": (CUSTOMER, "login setup 405 admin admin"),
    "notices:opened": (NOT_THEIRS, "login setup 405 admin admin"),
    "notices:all_read": ("login setup 405 admin admin", "login setup 404 admin admin"),
    "notices:preferences": (CUSTOMER, "login setup settings admin admin"),
    "payments:latest": (CUSTOMER, "login setup 405 admin admin"),
    "payments:send": (CUSTOMER, CUSTOMER),
    "payments:send_check": (NOT_THEIRS, NOT_THEIRS),
    "payments:send_done": (NOT_THEIRS, "login setup 405 admin admin"),
    "admin:index": (STAFF, STAFF),
    "admin:app_list": ("login setup admin 404 page", "login setup admin 404 page"),
    "admin:login": ("login setup 403 admin admin", "login setup 403 admin admin"),
    "admin:logout": ("login setup admin logout logout", "login setup admin logout logout"),
    "admin:password_change": ("login setup admin settings settings", "login setup admin settings settings"),
    "admin:password_change_done": ("login setup admin settings settings", "login setup admin settings settings"),
    "admin:autocomplete": (NO_STAFF, "login setup admin 405 405"),
    "admin:jsi18n": (STAFF, "login setup admin 405 405"),
    "admin:view_on_site": ("login setup admin 404 404", "login setup admin 404 404"),
    "admin:catch_all": ("login setup admin 404 404", "login setup admin 404 404"),
}
# Reading money had no app of its own once; its names of then still work.
TABLE |= {f"payments:{name}": TABLE[f"statements:{name}"] for name in ("reveal", "hide", "activity", "activity_detail")}
TABLE |= {
    f"statements:statement_{suffix}": (NOT_THEIRS, "login setup 405 admin admin")
    for suffix in ("pdf", "csv", "ofx", "xml", "json")
}
AUDITED = ["accounts_user", "accounts_securityevent", "accounts_namewish", "notices_letter"]
AUDITED += ["ledger_account", "ledger_transfer", "ledger_entry", "ledger_hotaccount"]
for model in AUDITED:
    TABLE |= {
        f"admin:{model}_changelist": (AUDITOR, AUDITOR),
        f"admin:{model}_change": (AUDITOR, NO_STAFF),
        f"admin:{model}_history": ("login setup admin 404 404", "login setup admin 404 404"),
        f"admin:{model}_add": (NO_STAFF, NO_STAFF),
        f"admin:{model}_delete": (NO_STAFF, NO_STAFF),
        f"admin:{model}_old_address": ("login setup admin admin admin", "login setup admin admin admin"),
    }


def addresses(resolver: Any = None, namespace: str = "", prefix: str = "/") -> Iterator[tuple[str, str]]:
    """Name and route of each. The admin leaves two kinds without a name: they get one here."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace, route)
        else:
            yield namespace + (pattern.name or unnamed(pattern, route)), route


def unnamed(pattern: URLPattern, route: str) -> str:
    if "(?P<url>" in route:
        return "catch_all"
    app, model = re.fullmatch("/admin/([a-z]+)/([a-z]+)/<path:object_id>/", route).groups()  # type: ignore[union-attr]
    return f"{app}_{model}_old_address"


def test_the_table_names_every_address_and_no_other() -> None:
    names = [name for name, _ in addresses()]
    assert sorted(names) == sorted(TABLE), "say in the table who may reach it"


class Zelda:
    """A customer with everything that has an address, and the marks by which her data are known on any page."""

    def __init__(self) -> None:
        self.user = make_customer("zelda_q", full_name="Zelda Quibble", email="zelda@quibble.example")
        make_customer("grace")
        self.account = fund(self.user, 987_65)
        client = sign_in(self.user)
        self.paid, self.draft = self.prepare(client, "112.34"), self.prepare(client, "123.45")
        client.post(f"/send/{self.paid}/check/", {"pin": PAYMENT_PIN})
        assert Transfer.objects.filter(pk=self.paid).exists()
        self.statement = make_requested(self.account, timezone.localdate(), timezone.localdate()).id
        self.payee = Payee.objects.get(owner=self.user)
        Payee.objects.update(nickname="Zelda's sweetheart")
        client.post(f"/activity/{self.paid}/tag/", {"tag": "bouquets"})
        self.event = SecurityEvent.objects.create(user=self.user, kind="signed_in", address="198.51.100.77")
        self.wish = NameWish.objects.create(
            user=self.user, former_name="Zelda Quibble", full_name="Zelda Quibbledotter"
        )
        HotAccount.objects.create(account=self.account, wasted_attempts=3, queued_until=timezone.now())
        hand_out()
        self.letter = Letter.objects.filter(user=self.user, kind="money_out").get()
        Letter.objects.filter(pk=self.letter.pk).update(next_at=None, gave_up_at=timezone.now(), why="550 no violets")
        self.notice = Notice.objects.get(pk=self.letter.pk)
        self.token = "a-token-that-was-mailed-to-zelda-and-to-nobody-else"
        MailedToken.objects.create(
            purpose=MailedToken.Purpose.PASSWORD, email=self.user.email,
            digest=hashlib.sha256(self.token.encode()).hexdigest(), expires_at=timezone.now() + timedelta(minutes=15),
        )  # fmt: skip
        self.session = Session.objects.get(user=self.user)
        # Amounts that are no second of a time, which pages and rows have with its microseconds.
        self.marks = [
            "zelda@quibble", "Zelda Quibble", "zelda_q", "violets", "198.51.100.77", "sweetheart", "bouquets",
            self.account.number, self.account.number_display, "987.65", "875.31", "112.34", "123.45",
        ]  # fmt: skip
        seed = Authenticator.objects.get(user=self.user).sealed_seed
        self.secrets = [self.user.password, self.user.view_pin, self.user.payment_pin, bytes(seed).hex()]
        self.secrets += [self.session.session_key, self.user.session_stamp.hex, str(self.user.session_stamp)]

    def prepare(self, client: Client, amount: str) -> str:
        draft: Any = client.post("/send/", {"payee": "@grace", "amount": amount, "note": "violets"})
        return str(re.findall("[0-9a-f-]{36}", draft["Location"])[0])

    def paths(self, route: str) -> list[str]:
        """The route with her ids in it, once for each that fits."""
        plain = re.sub(r"[\^$]", "", re.sub(r"\(\?P<app_label>.*?\)", "accounts", route))
        plain = re.sub(r"\(\?P<url>.*?\)", "anything/", plain).replace("<str:token>", self.token)
        plain = re.sub("<str:(size|index|old|new)>", "1", plain).replace("<str:leaf>", "ab" * 32)
        kind = ContentType.objects.get_for_model(User).pk
        plain = plain.replace("<path:content_type_id>/<path:object_id>", f"{kind}/{self.user.pk}")
        ids: dict[str, Iterable[object]] = {
            "user": [self.user.pk], "securityevent": [self.event.pk], "namewish": [self.wish.pk], "account": [self.account.pk],
            "transfer": [self.paid], "hotaccount": [self.account.pk],
            "letter": [self.letter.pk],
            "entry": Entry.objects.filter(account=self.account).values_list("pk", flat=True),
        }  # fmt: skip
        model = re.search("/([a-z]+)/<path:object_id>", plain)
        if model:
            return [plain.replace("<path:object_id>", str(one)) for one in ids[model[1]]]
        if "<uuid:statement_id>" in plain:
            return [plain.replace("<uuid:statement_id>", str(self.statement)).replace("<int:part>", "1")]
        if "<uuid:payee_id>" in plain:
            return [plain.replace("<uuid:payee_id>", str(self.payee.pk))]
        if "<uuid:notice_id>" in plain:
            return [plain.replace("<uuid:notice_id>", str(self.notice.pk))]
        if "<uuid:" in plain:
            return [re.sub("<uuid:[a-z_]+>", one, plain) for one in (self.paid, self.draft)]
        return [plain]

    def belongings(self) -> dict[str, list[Any]]:
        """Every row that is hers, or about her."""
        found: dict[str, list[Any]] = {}
        for one in apps.get_models():
            for column in one._meta.get_fields():
                if isinstance(column, models.ForeignKey) and column.related_model is User:
                    hers = one._default_manager.filter(**{column.name: self.user})
                    found[f"{one._meta.label}.{column.name}"] = sorted(map(str, hers.values_list()))
        return found | {"user": list(User.objects.filter(pk=self.user.pk).values_list())}


def arrive(who: str) -> User | None:
    make_groups(apps.get_app_config("payments"), "default")
    people: dict[str, Any] = {
        "nobody": lambda: None,
        "half set up": lambda: make_begun("bob"),
        "another customer": lambda: make_customer("mallory"),
        "staff without a role": lambda: make_staff("clerk@example.com"),
        "an auditor": lambda: make_staff("auditor@example.com", [AUDITORS]),
    }
    person: User | None = people[who]()
    return person


def word_for(answer: HttpResponse) -> str:
    if answer.status_code in (301, 302, 307):
        return answer["Location"].strip("/").partition("/")[0].partition("?")[0] or "home"
    return "page" if answer.status_code == 200 else str(answer.status_code)


@pytest.mark.asvs("8.2.1", "8.2.2", "8.2.3", "8.3.1", "3.5.3")
@pytest.mark.parametrize("who", VISITORS)
def test_it_gives_each_what_the_table_says_and_nothing_of_zeldas(who: str) -> None:
    zelda, person = Zelda(), arrive(who)
    before, wrong = zelda.belongings(), []
    # What would do the most harm if it were taken for hers.
    harm = {"pin": PAYMENT_PIN, "code": "000000", "session": str(zelda.session.pk), "action": "show", "_save": "Save"}
    for name, route in addresses():
        for path in zelda.paths(route):
            for method, data in (("get", {}), ("post", harm)):
                client = sign_in(person) if person else Client()  # anew, for some addresses end the session
                answer = getattr(client, method)(path, data)
                word = TABLE[name][method == "post"].split()[VISITORS.index(who)]
                if word_for(answer) != word:
                    wrong.append(f"{method} {path}: {word_for(answer)}, not {word}")
                may_read = who == "an auditor" and name.startswith("admin:") and word == "page"
                text = answer.content.decode()
                wrong += [f"{method} {path} says {mark}" for mark in zelda.marks if mark in text and not may_read]
                wrong += [f"{method} {path} gives a secret away" for secret in zelda.secrets if secret in text]
    assert wrong == []
    after, log = zelda.belongings(), "accounts.SecurityEvent.user"
    looked = [event for event in after[log] if event not in before[log]]
    assert all("staff_viewed" in event for event in looked)
    assert bool(looked) == (who == "an auditor")  # whose looking is written down
    assert after | {log: before[log]} == before


def test_the_crawler_would_notice() -> None:
    """Zelda sees her own, and the marks are what she sees it by."""
    zelda = Zelda()
    client = sign_in(zelda.user)
    client.post("/wallet/reveal/", {"pin": "7306"})
    seen = "".join(
        client.get(path).getvalue().decode(errors="replace")
        for name, route in addresses()
        if name.startswith(("payments:", "statements:", "accounts:s")) and "setup" not in name
        for path in zelda.paths(route)
    )
    assert [mark for mark in zelda.marks if mark not in seen and mark != "987.65"] == []


@pytest.mark.asvs("8.2.3", "15.3.1")
@pytest.mark.parametrize(
    ("page", "column"),
    [
        ("accounts/user", "password"),
        ("accounts/user", "view_pin"),
        ("accounts/user", "payment_pin"),
        ("accounts/user", "session_stamp"),
        ("accounts/user", "authenticators__sealed_seed"),
        ("accounts/user", "sessions__session_key"),
        ("accounts/securityevent", "user__view_pin"),
        ("ledger/account", "owner__view_pin"),
        ("ledger/transfer", "initiated_by__view_pin"),
        ("ledger/entry", "account__owner__view_pin"),
    ],
)
def test_an_auditor_cannot_ask_for_a_column_that_is_not_shown(page: str, column: str) -> None:
    """A list that can be filtered by any column is read out letter by letter, also what it never shows."""
    auditor = arrive("an auditor")
    assert auditor
    for lookup in (f"{column}__startswith", f"{column}__isnull", column):
        assert sign_in(auditor).get(f"/admin/{page}/", {lookup: "t1"}).status_code == 400, lookup
