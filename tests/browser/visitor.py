"""Somebody with a browser and an authenticator app, who knows the site only by what its pages say."""

import io
import re
import time
from dataclasses import dataclass

import pyotp
import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

PASSWORD = "seven grey herons on a pier"
VIEW_PIN, PAYMENT_PIN = "4826", "730194"


@dataclass
class App:
    """An authenticator app: what it knows, it read off the screen."""

    totp: pyotp.TOTP
    last_step: int = 0

    @classmethod
    def scan(cls, picture: Locator) -> "App":
        """Reads the QR code in a screenshot, as a phone's camera would."""
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.screenshot())))
        totp = pyotp.parse_uri(code.text)
        assert isinstance(totp, pyotp.TOTP)
        return cls(totp)

    def code(self) -> str:
        """A code that has not been used: this step's, or the next one's, which a clock slightly ahead would show."""
        step = max(int(time.time()) // 30, self.last_step + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.5)  # two codes were used within 30 seconds: as everybody, wait for the next
        self.last_step = step
        return self.totp.at(step * 30)


@dataclass
class Visitor:
    context: BrowserContext
    email: str = ""
    handle: str = ""

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()

    # What somebody does

    def fill(self, **values: str) -> None:
        """By the fields' labels, `_` for a space."""
        for label, value in values.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def text(self) -> str:
        """What the page says, with every kind of space as one plain space."""
        return " ".join(self.page.locator("main").inner_text().split())

    # What they came for

    def register(self, email: str, name: str, handle: str) -> None:
        """From the landing page to a wallet of one's own."""
        self.email, self.handle = email, handle
        self.page.goto("/")
        self.page.get_by_role("link", name="Open a wallet").first.click()
        self.fill(Email_address=email)
        self.press("Send me the link")
        self.page.get_by_role("link", name="Open the link").click()
        self.page.get_by_label("Full name").fill(name)
        self.page.get_by_label("@handle").fill(handle)
        self.fill(Password=PASSWORD)
        self.press("Open my wallet")
        self.enrol()
        self.fill(View_PIN=VIEW_PIN, Payment_PIN=PAYMENT_PIN)
        self.press("Finish")
        expect(self.page).to_have_url(re.compile("/wallet/$"))

    def enrol(self) -> None:
        """Authenticator and recovery codes."""
        self.sees("Set up your authenticator")
        self.app = App.scan(self.page.locator(".qr"))
        self.fill(Code=self.app.code())
        self.press("Continue")
        self.press("Show my codes")
        self.recovery_codes = self.page.locator(".codes li").all_inner_texts()
        self.press("I have saved them")

    def sign_in(self, email: str, password: str, code: str) -> None:
        self.page.goto("/login/")
        self.fill(Email_address=email, Password=password)
        self.press("Continue")
        self.sees("Enter your code")
        self.fill(Code=code)
        self.press("Sign in")

    def sign_out(self) -> None:
        self.press("Sign out")

    def balance(self) -> str:
        """What the wallet says after the view PIN."""
        self.page.goto("/wallet/")
        if self.page.get_by_label("View PIN", exact=True).count():
            self.fill(View_PIN=VIEW_PIN)
            self.press("Show balance")
        return self.page.locator(".balance").inner_text().strip()

    def activity(self) -> list[tuple[str, str]]:
        """(who, signed amount) of each line, newest first."""
        self.page.goto("/activity/")
        rows = self.page.locator(".activity__row").all()
        return [
            (row.locator(".activity__who bdi").inner_text(), row.locator(".amount").first.inner_text()) for row in rows
        ]

    def send(self, payee: str, amount: str, note: str = "") -> None:
        self.page.goto("/send/")
        self.page.get_by_label("Who to pay").fill(payee)
        self.page.get_by_label("Amount").fill(amount)
        self.page.get_by_label("Note (optional)").fill(note)
        self.press("Continue")

    def approve(self) -> None:
        self.sees("Check your payment")
        self.fill(Payment_PIN=PAYMENT_PIN)
        self.page.get_by_role("main").get_by_role("button", name="Send").click()
