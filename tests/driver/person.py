"""Somebody with a browser and an authenticator app, who knows the site only by what its pages say.

What they can do is a method each: a new feature adds the methods that a customer would name. Each walks through the
pages by their labels, buttons and links, with and without JavaScript, and leaves the person on the page it led to.
"""

from dataclasses import dataclass, field
from uuid import uuid4

from playwright.sync_api import BrowserContext, Response

from tests.driver.app import App, DemoApp, ScannedApp
from tests.driver.window import Window
from tests.running import RunningSite
from wallet_site.demo import SignIn

PASSWORD = "seven grey herons on a pier"
VIEW_PIN, PAYMENT_PIN = "4826", "730194"


@dataclass
class Person(Window):
    """In a browser window of their own. Where a method leaves out a secret, they give what they know to be theirs."""

    email: str = ""
    handle: str = ""
    full_name: str = ""
    password: str = PASSWORD
    view_pin: str = VIEW_PIN
    payment_pin: str = PAYMENT_PIN
    recovery_codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.app: App | None = None

    @classmethod
    def of_the_demo(cls, context: BrowserContext, site: RunningSite, who: SignIn) -> "Person":
        person = cls(context, who.email, who.handle, who.full_name, who.password, who.view_pin, who.payment_pin)
        person.app = DemoApp(site, who.email)
        return person

    @classmethod
    def newcomer(cls, context: BrowserContext, first_name: str) -> "Person":
        """Whom the site has never seen."""
        name, tag = first_name.lower(), uuid4().hex[:6]
        return cls(context, f"{name}-{tag}@example.com", f"{name}{tag}", f"{first_name} Example")

    # Opening a wallet

    def register(self) -> None:
        """From the landing page to a wallet of one's own."""
        self.join()
        self.enrol()
        self.choose_pins()
        self.is_at("/wallet/")

    def join(self) -> None:
        """From the landing page to the set-up."""
        self.goto("/")
        self.leave_by(self.page.get_by_role("link", name="Open a wallet").first)
        self.ask_for_link(self.email)
        self.open_mail()
        self.introduce(self.full_name, self.handle, self.password)
        self.sees("Set up your authenticator")

    def ask_for_link(self, email: str) -> None:
        self.fill({"Email address": email})
        self.press("Send me the link")

    def open_mail(self) -> None:
        """The demo shows it on the page."""
        self.follow("Open the link")

    def introduce(self, full_name: str, handle: str, password: str) -> None:
        self.fill({"Full name": full_name, "@handle": handle, "Password": password})
        self.press("Open my wallet")

    def enrol(self) -> None:
        """Authenticator and recovery codes."""
        self.sees("Set up your authenticator")
        self.scan()
        self.confirm_app(self.code())
        self.press("Show my codes")
        self.read_codes()
        self.press("I have saved them")

    def scan(self) -> None:
        self.app = ScannedApp.scan(self.page.locator(".qr"))

    def code(self) -> str:
        assert self.app, "they have no authenticator app"
        return self.app.code()

    def confirm_app(self, code: str) -> None:
        self.fill({"Code": code})
        self.press("Continue")

    def read_codes(self) -> None:
        self.recovery_codes = self.page.locator(".codes li").all_inner_texts()
        assert len(set(self.recovery_codes)) == 10

    def choose_pins(self, view: str = "", payment: str = "") -> None:
        self.fill({"View PIN": view or self.view_pin, "Payment PIN": payment or self.payment_pin})
        self.press("Finish")

    # Coming and going

    def sign_in(self, *, password: str = "", code: str = "") -> None:
        self.goto("/login/")
        self.give_password(password)
        self.sees("Enter your code")
        self.give_code(code)

    def give_password(self, password: str = "") -> None:
        self.fill({"Email address": self.email, "Password": password or self.password})
        self.press("Continue")

    def give_code(self, code: str = "") -> None:
        self.fill({"Code": code or self.code()})
        self.press("Sign in")

    def sign_out(self) -> None:
        self.leave_by(self.page.get_by_role("button", name="Sign out"))

    # Looking

    def reveal(self, pin: str = "") -> None:
        self.goto("/wallet/reveal/")
        self.give_view_pin(pin)

    def give_view_pin(self, pin: str = "") -> None:
        self.fill({"View PIN": pin or self.view_pin})
        self.press("Show balance")

    def balance(self) -> str:
        """What the wallet says after the view PIN."""
        self.goto("/wallet/")
        if self.field("View PIN").count():
            self.give_view_pin()
        return self.page.locator(".balance").inner_text().strip()

    def activity(self) -> list[tuple[str, str]]:
        """(who, signed amount) of each line, newest first."""
        self.goto("/activity/")
        rows = self.page.locator(".activity__row").all()
        return [
            (row.locator(".activity__who bdi").inner_text(), row.locator(".amount").first.inner_text()) for row in rows
        ]

    # Paying

    def send(self, payee: str, amount: str, note: str = "") -> None:
        """As far as the page that asks for the PIN."""
        self.goto("/send/")
        self.fill({"Who to pay": payee, "Amount": amount, "Note (optional)": note})
        self.press("Continue")

    def approve(self, *, pin: str = "", code: str = "") -> Response:
        """The PIN, and the authenticator's code where the page asks for it. A `code` that is given must be asked for."""
        self.sees("Check your payment")
        self.fill({"Payment PIN": pin or self.payment_pin})
        if code or self.field("Code").count():
            self.fill({"Code": code or self.code()})
        return self.press("Send")

    # Changing secrets

    def change_pins(self, view: str, payment: str, *, code: str = "") -> None:
        self.goto("/settings/security/pins/")
        self.fill({"View PIN": view, "Payment PIN": payment})
        self.prove("Change my PINs", code)
        self.is_told("Your PINs are changed")
        self.view_pin, self.payment_pin = view, payment

    def change_password(self, password: str, *, code: str = "") -> None:
        self.goto("/settings/security/password/")
        self.fill({"New password": password})
        self.prove("Change my password", code)
        self.is_told("Your password is changed")
        self.password = password

    def change_authenticator(self, *, code: str = "") -> None:
        self.goto("/settings/security/authenticator/")
        self.prove("Continue", code)
        self.scan()
        self.confirm_app(self.code())
        self.is_told("Your new authenticator is set up")

    def change_recovery_codes(self, *, code: str = "") -> None:
        self.goto("/settings/security/recovery/")
        self.prove("Show my new codes", code)
        self.read_codes()
        self.follow("I have saved them")

    def prove(self, button: str, code: str = "") -> Response:
        """The password and a code, which every change asks for, and then its button."""
        self.fill({"Current password": self.password, "Code": code or self.code()})
        return self.press(button)

    def recover(self, password: str, *, code: str) -> None:
        """From the sign-in page, without the password, to a new one."""
        self.goto("/login/")
        self.follow("I have forgotten my password")
        self.ask_for_link(self.email)
        self.open_mail()
        self.fill({"New password": password, "Code": code})
        self.press("Change my password")
        self.is_told("Your password is changed")
        self.password = password
