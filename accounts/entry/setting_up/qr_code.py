"""An authenticator's seed for the app to take over: a QR code, a text to type, a link."""

import qrcode
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_variables
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathFillImage

from accounts.credentials import totp
from accounts.models import Authenticator


@sensitive_variables()
def picture(device: Authenticator) -> dict[str, object]:
    """The seed as a QR code, as text, and as a link for a phone that has the app itself."""
    seed = device.seed
    address = totp.uri(seed, device.user.email)
    return {"qr": svg(address), "key": totp.key_text(seed), "uri": address}


def svg(text: str, *, correction: int = ERROR_CORRECT_M) -> SafeString:
    """A QR code as inline SVG: one path, no style, none of the text in the markup."""
    image = qrcode.make(text, image_factory=SvgPathFillImage, box_size=10, border=4, error_correction=correction)
    markup: str = image.to_string(encoding="unicode")
    return mark_safe(markup)
