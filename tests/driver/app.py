"""Authenticator apps: what a code comes out of."""

import io
import time
from dataclasses import dataclass
from typing import Protocol

import pyotp
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator

from tests.running import RunningSite


class App(Protocol):
    def code(self) -> str: ...


@dataclass
class ScannedApp:
    """On a phone: what it knows, it read off the screen."""

    totp: pyotp.TOTP
    last_step: int = 0

    @classmethod
    def scan(cls, picture: Locator) -> "ScannedApp":
        """Reads the QR code in a screenshot, as a phone's camera would."""
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.screenshot())))
        totp = pyotp.parse_uri(code.text)
        assert isinstance(totp, pyotp.TOTP)
        return cls(totp)

    @property
    def seed(self) -> bytes:
        return self.totp.byte_secret()

    def code(self) -> str:
        """A code that has not been used: this step's, or the next one's, which a clock slightly ahead would show."""
        step = max(int(time.time()) // 30, self.last_step + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.5)  # two codes were used within 30 seconds: as everybody, wait for the next
        self.last_step = step
        return self.totp.at(step * 30)


@dataclass
class DemoApp:
    """Of one of the demo's people, who have no phone: `manage.py totp` says their codes."""

    site: RunningSite
    email: str

    def code(self) -> str:
        """Waits for one that is good already, when they have just used two."""
        code, seconds_left = self.site.manage("totp", self.email).split("(")
        time.sleep(max(0, int(seconds_left.split()[0]) - 60))
        return code.strip()
