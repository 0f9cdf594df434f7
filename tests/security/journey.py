"""Everything that people do with their secrets, and each of those secrets, to be looked for afterwards."""

import base64
import json
import re
import time
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

import pyotp

from tests.security.visitor import Page, Visitor

CODE = "[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}"
# With a zero in front: no number is written like that, so such a token is the PIN and not a count that looks like it.
VIEW_PIN, PAYMENT_PIN, NEW_VIEW_PIN, NEW_PAYMENT_PIN = "0739", "052817", "0618", "093741"
WRONG_PIN, WRONG_PASSWORD = "047163", "ochre pelicans at the wrong door"


class Place(Protocol):
    """Where a journey happens."""

    def visitor(self) -> Visitor: ...
    def last_mail(self) -> str: ...
    def manage(self, *arguments: str, **environment: str) -> str: ...


@dataclass
class App:
    """An authenticator app, which knows the key that the page showed."""

    seed: bytes
    used: int = 0

    @classmethod
    def of(cls, page: Page) -> "App":
        (key,) = re.findall(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page.text)
        return cls(base64.b32decode(key.replace(" ", "")))

    def code(self) -> str:
        """One that was not used before: the server takes one step ahead, so there is seldom anything to wait for."""
        step = max(int(time.time()) // 30, self.used + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.2)
        self.used = step
        return pyotp.TOTP(base64.b32encode(self.seed).decode()).at(step * 30)


@dataclass
class Traveller:
    """`secrets` grows with everything that is typed, shown, mailed or set as a cookie; by what it is."""

    place: Place
    email: str
    handle: str
    browser: Visitor = field(init=False)
    secrets: dict[str, str] = field(default_factory=dict)
    seeds: list[bytes] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    password: str = ""
    app: App = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.place.visitor()

    def keep(self, what: str, secret: str) -> str:
        number = sum(name.startswith(what) for name in self.secrets)
        if secret not in self.secrets.values():
            self.secrets[f"{what} {number + 1}"] = secret
        return secret

    def keep_cookies(self) -> None:
        for name, value in self.browser.cookies.items():
            self.keep(f"cookie {name}", value)
            if name.endswith("device"):
                padded = value.partition(":")[0]
                for nonce in json.loads(base64.urlsafe_b64decode(padded + "=" * (-len(padded) % 4))).values():
                    self.keep("device nonce", nonce)

    def press(self, button: str, **fields: str) -> Page:
        page = self.browser.press(button, **fields)
        self.keep_cookies()
        return page

    def code(self) -> str:
        return self.keep("authenticator code", self.app.code())

    def enrol(self, page: Page) -> None:
        self.app = App.of(page)
        self.seeds.append(self.app.seed)

    def keep_recovery_codes(self, page: Page) -> None:
        self.codes = [self.keep("recovery code", code) for code in re.findall(CODE, page.text)]
        assert len(self.codes) == 10

    def open_mail(self, purpose: str) -> Page:
        (token,) = re.findall(rf"/{purpose}/([^/\s]+)/", self.place.last_mail())
        self.keep("mailed token", token)
        page = self.browser.get(f"/{purpose}/{token}/")
        self.keep_cookies()
        return page

    # The journey's legs

    def open_wallet(self) -> None:
        self.browser.get("/register/")
        self.press("Send me the link", email=self.email)
        self.open_mail("join")
        self.password = self.keep("password", f"violet otters {uuid4().hex[:8]} hum")
        self.enrol(self.press("Open my wallet", full_name="Ada Traveller", handle=self.handle, password=self.password))
        self.press("Continue", code=self.code())
        self.keep_recovery_codes(self.press("Show my codes"))
        self.press("I have saved them")
        self.keep("view PIN", VIEW_PIN), self.keep("payment PIN", PAYMENT_PIN)
        self.press("Finish", view_pin=VIEW_PIN, payment_pin=PAYMENT_PIN)
        assert self.browser.page.path == "/wallet/", self.browser.page.text

    def look(self, view_pin: str) -> None:
        self.browser.get("/wallet/reveal/")
        self.press("Show balance", pin=view_pin)
        assert "Hide balance" in self.browser.get("/wallet/").html

    def send(self, payee: str, amount: str) -> Page:
        self.browser.get("/send/")
        return self.press("Continue", payee=payee, amount=amount, note="for the violets")

    def approve(self, pin: str) -> Page:
        """The PIN, and the authenticator's code where the page asks for it."""
        asks_code = "code" in self.browser.page.form_with("Send").fields
        return self.press("Send", pin=pin, **({"code": self.code()} if asks_code else {}))

    def sign_in(self, password: str, code: str) -> Page:
        self.browser.get("/login/")
        self.press("Continue", email=self.email, password=password)
        return self.press("Sign in", code=code)

    def sign_out(self) -> None:
        self.browser.get("/settings/")
        self.press("Sign out")

    def change_pins(self) -> None:
        self.browser.get("/settings/security/pins/")
        self.keep("view PIN", NEW_VIEW_PIN), self.keep("payment PIN", NEW_PAYMENT_PIN)
        self.press(
            "Change my PINs", view_pin=NEW_VIEW_PIN, payment_pin=NEW_PAYMENT_PIN,
            current_password=self.password, code=self.code(),
        )  # fmt: skip
        assert self.browser.page.path == "/settings/security/", self.browser.page.text

    def change_password(self) -> None:
        old, self.password = self.password, self.keep("password", f"amber otters {uuid4().hex[:8]} nap")
        self.browser.get("/settings/security/password/")
        self.press("Change my password", password=self.password, current_password=old, code=self.codes.pop())
        assert self.browser.page.path == "/settings/security/", self.browser.page.text

    def change_authenticator(self) -> None:
        self.browser.get("/settings/security/authenticator/")
        self.enrol(self.press("Continue", current_password=self.password, code=self.codes.pop()))
        self.press("Continue", code=self.code())
        assert self.browser.page.path == "/settings/security/", self.browser.page.text

    def new_recovery_codes(self) -> None:
        self.browser.get("/settings/security/recovery/")
        self.keep_recovery_codes(self.press("Show my new codes", current_password=self.password, code=self.codes.pop()))

    def recover(self) -> None:
        self.browser.get("/recover/")
        self.press("Send me the link", email=self.email)
        self.open_mail("reset")
        self.password = self.keep("password", f"indigo otters {uuid4().hex[:8]} dive")
        self.press("Change my password", password=self.password, code=self.codes.pop())
        assert self.browser.page.path == "/login/", self.browser.page.text

    def travel(self, payee: str) -> None:
        """All of it, with wrong turns. The wallet has money by then."""
        self.look(VIEW_PIN)
        self.send(payee, "1.00")
        self.keep("wrong PIN", WRONG_PIN), self.keep("wrong password", WRONG_PASSWORD)
        self.approve(WRONG_PIN)
        self.approve(PAYMENT_PIN)
        assert self.browser.page.path.endswith("/done/"), self.browser.page.text
        self.change_password()
        self.change_authenticator()
        self.new_recovery_codes()
        self.change_pins()
        self.sign_out()
        self.sign_in(WRONG_PASSWORD, "123456")
        self.recover()
        self.sign_in(self.password, self.codes.pop())
        assert self.browser.page.path == "/wallet/", self.browser.page.text
        self.look(NEW_VIEW_PIN)


def enrol_staff(place: Place) -> Traveller:
    """A superuser, from the command line to the admin."""
    staff = Traveller(place, "operator@example.com", "")
    staff.password = staff.keep("password", f"copper otters {uuid4().hex[:8]} sail")
    shown = place.manage(
        "createsuperuser", "--noinput", "--email", staff.email, "--full_name", "Olga Operator",
        DJANGO_SUPERUSER_PASSWORD=staff.password,
    )  # fmt: skip
    (enrolment,) = re.findall(CODE, shown)
    staff.keep("enrolment code", enrolment)
    staff.enrol(staff.sign_in(staff.password, enrolment))
    staff.press("Continue", code=staff.code())
    staff.keep_recovery_codes(staff.press("Show my codes"))
    staff.press("I have saved them")
    assert staff.browser.page.path == "/admin/", staff.browser.page.text
    return staff
