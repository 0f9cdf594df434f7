"""Letters by mail. In demo mode the page shows what was sent."""

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.letters import DEMO_MAIL
from accounts.people import emails


def send(request: HttpRequest, email: str, name: str, texts: dict[str, dict[str, object]]) -> None:
    """Write all the letters, in one order, and send the one of that name: none takes longer than another.

    Each is notices/mail/<name>.txt, whose first line is the subject. Raises OSError when the server is away.
    """
    written = {
        each: render_to_string(f"notices/mail/{each}.txt", {"site_name": settings.SITE_NAME, **context})
        for each, context in texts.items()
    }
    _send(request, email, written[name], texts[name].get("link"))


def _send(request: HttpRequest, email: str, text: str, link: object) -> None:
    subject, _, body = text.strip().partition("\n")
    if settings.DEMO:
        shown = {"to": emails.shown(email), "subject": subject, "body": body.strip(), "link": link}
        request.session[DEMO_MAIL] = shown
    send_mail(subject, body.strip() + "\n", None, [email])
