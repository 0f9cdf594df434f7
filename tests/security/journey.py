"""Everything that people do with their secrets, and each of those secrets, to be looked for afterwards."""

import base64
import json
import re
from dataclasses import dataclass, field
from email.message import Message
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import BrowserContext, Response

from tests.driver.app import ScannedApp
from tests.driver.complaints import listen
from tests.driver.person import Person

SITE = "https://wallet.example.com"
CODE = "[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}"
# With a zero in front: no number is written like that, so such a token is the PIN and not a count that looks like it.
VIEW_PIN, PAYMENT_PIN, NEW_VIEW_PIN, NEW_PAYMENT_PIN = "0739", "052817", "0618", "093741"
WRONG_PIN, WRONG_PASSWORD = "047163", "ochre pelicans at the wrong door"
NOTE = "for the violets"
# What is secret of what is typed, by the field's label.
SECRET = {
    "Password": "password",
    "New password": "password",
    "Current password": "password",
    "Code": "code",
    "View PIN": "view PIN",
    "Payment PIN": "payment PIN",
}
COOKIE = re.compile(r'(?P<name>[^=;]+)="?(?P<value>[^;"]+)')  # one that is being deleted has no value


class Place(Protocol):
    """Where a journey happens."""

    def new_window(self) -> BrowserContext: ...
    def last_mail(self) -> str: ...
    def manage(self, *arguments: str, **environment: str) -> str: ...


@dataclass
class Traveller(Person):
    """`secrets` grows with everything that is typed, shown, mailed or set as a cookie; by what it is."""

    place: Place = field(kw_only=True)
    secrets: dict[str, str] = field(default_factory=dict)
    seeds: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.complaints = listen(self.context, SITE)
        self.responses: list[Response] = []
        self.context.on("response", lambda response: self.responses.append(response))

    def keep(self, what: str, secret: str) -> str:
        number = sum(name.startswith(what) for name in self.secrets)
        if secret not in self.secrets.values():
            self.secrets[f"{what} {number + 1}"] = secret
        return secret

    def fill(self, fields: dict[str, str]) -> None:
        for label in fields.keys() & SECRET.keys():
            self.keep(SECRET[label], fields[label])
        super().fill(fields)

    def scan(self) -> None:
        super().scan()
        assert isinstance(self.app, ScannedApp)
        self.seeds.append(self.app.seed)

    def read_codes(self) -> None:
        super().read_codes()
        for code in self.recovery_codes:
            self.keep("recovery code", code)

    def open_mail(self) -> None:
        ((path, token),) = re.findall(r"(/(?:join|reset)/([^/\s]+)/)", self.place.last_mail())
        self.keep("mailed token", token)
        self.goto(path)

    def answers(self) -> list[tuple[str, Message]]:
        """The headers of all pages that they were given, also of redirects on the way, by request."""
        return [
            (f"{response.request.method} {urlsplit(response.url).path}", headers_of(response))
            for response in self.responses
            if not urlsplit(response.url).path.startswith("/static/")
        ]

    def keep_cookies(self) -> None:
        for _, headers in self.answers():
            for cookie in filter(None, map(COOKIE.match, headers.get_all("Set-Cookie", []))):
                self.keep(f"cookie {cookie['name']}", cookie["value"])
                if cookie["name"].endswith("device"):
                    for nonce in json.loads(decoded(cookie["value"].partition(":")[0])).values():
                        self.keep("device nonce", nonce)

    def next_code(self) -> str:
        return self.recovery_codes.pop()

    def travel(self, payee: str) -> None:
        """All of it, with wrong turns. The wallet has money by then."""
        self.look()
        self.pay(payee)
        self.change_password(new_password("amber"), code=self.next_code())
        self.change_authenticator(code=self.next_code())
        self.change_recovery_codes(code=self.next_code())
        self.change_pins(NEW_VIEW_PIN, NEW_PAYMENT_PIN)
        self.sign_out()
        self.sign_in(password=WRONG_PASSWORD, code="123456")
        self.recover(new_password("indigo"), code=self.next_code())
        self.sign_in(code=self.next_code())
        self.is_at("/wallet/")
        self.look()

    def look(self) -> None:
        self.reveal()
        self.goto("/wallet/")
        self.is_told("Hide balance")

    def pay(self, payee: str) -> None:
        self.send(payee, "1.00", NOTE)
        self.approve(pin=WRONG_PIN)
        self.approve()
        self.is_at("/done/")


def new_password(colour: str) -> str:
    return f"{colour} otters {uuid4().hex[:8]} hum"


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def headers_of(response: Response) -> Message:
    headers = Message()
    for line in response.headers_array():
        headers[line["name"]] = line["value"]
    return headers


def open_wallet(place: Place, email: str, handle: str) -> Traveller:
    """A customer, from the landing page to a wallet."""
    who = Traveller(
        place.new_window(), email, handle, "Ada Traveller", new_password("violet"), VIEW_PIN, PAYMENT_PIN, place=place
    )
    who.register()
    return who


def enrol_staff(place: Place) -> Traveller:
    """A superuser, from the command line to the admin."""
    staff = Traveller(place.new_window(), "operator@example.com", password=new_password("copper"), place=place)
    shown = place.manage(
        "createsuperuser", "--noinput", "--email", staff.email, "--full_name", "Olga Operator",
        DJANGO_SUPERUSER_PASSWORD=staff.password,
    )  # fmt: skip
    (enrolment,) = re.findall(CODE, shown)
    staff.sign_in(code=enrolment)
    staff.enrol()
    staff.is_at("/admin/")
    return staff
