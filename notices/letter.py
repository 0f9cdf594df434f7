"""A notice as a mail: plain text, notices/mail/<kind>.txt, whose subject is the notice's sentence."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from inputs.text import one_line
from notices.models import SECURITY, Letter
from notices.words import words
from web import regions
from web.addresses import absolute
from web.moments import moment


def message(letter: Letter, user: User) -> EmailMessage:
    """One letter has one Message-ID however often it is sent, so that a mailbox can tell that it is the same.

    It goes to the mailbox of today, or to the one named as `to`: an address that was changed hears of that, too.
    """
    with regions.of(user):
        return _written(letter, user)


def _written(letter: Letter, user: User) -> EmailMessage:
    said = words(letter)
    context = {
        "site_name": settings.SITE_NAME,
        "title": said.title,
        "link": absolute(said.path),
        "at": moment(letter.at),
        "choices": "" if letter.kind in SECURITY else absolute(reverse("notices:preferences")),
        **letter.data,
    }
    text = render_to_string(f"notices/mail/{letter.kind}.txt", context)
    headers = {
        "Message-ID": f"<{letter.id}@{urlsplit(settings.SITE_URL).hostname}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834, 5: no holiday note comes back
    }
    mailbox = letter.data.get("to") or user.email
    return EmailMessage(one_line(said.title), text.strip() + "\n", to=[mailbox], headers=headers)
