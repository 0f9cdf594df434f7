"""Letters to a user, or to somebody who may become one: how many a mailbox gets, and who sends them."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from accounts.guard import known_browsers, rates
from accounts.models import User
from web import visitors
from web.addresses import absolute

logger = structlog.get_logger(__name__)

HOUR = 3600  # seconds
# An hour: to one mailbox at one network's wish, to one mailbox, at one network's wish.
MAILS_BETWEEN, MAILS_TO_ONE, MAILS_FROM_ONE = 5, 20, 30
MAILS_FIRST = 100  # to one mailbox, counting all, as long as the network that asks has not asked for it before
DEMO_MAIL = "demo_mail"


def answered(request: HttpRequest, form: Form, answer: Callable[[HttpRequest, str], None]) -> bool:
    """Answer the form's email by mail, unless it or this visitor had too many: the page says the same in any case.

    False, with the reason in the form, when no mail can be sent to anybody.
    """
    email: str = form.cleaned_data["email"]
    try:
        if may_send(request, email):
            answer(request, email)
    except OSError:
        logger.exception("mail_not_sent")
        form.add_error(None, "We cannot send mail at the moment. Please try again in a few minutes.")
        return False
    return True


def may_send(request: HttpRequest, email: str) -> bool:
    """Whether this mailbox, and this visitor, have not had too many mails in the last hour. Counts this one.

    What is refused to a visitor does not count on the mailbox, and strangers cannot use up the mails by which the owner
    gets past their lock: a browser that the owner signed in with has a budget of its own, and so has the first wish
    from each network.
    """
    network = visitors.network(request)
    # Asked of a browser only in which somebody has signed in: a stranger's stopwatch learns nothing from it.
    user = User.objects.filter(email=email, is_active=True).first() if known_browsers.has_passes(request) else None
    if user and known_browsers.is_known(request, user):
        return rates.count("mail_known", str(known_browsers.subject(request, user)), seconds=HOUR) <= MAILS_BETWEEN
    between = rates.count("mail_between", f"{email}\0{network}", seconds=HOUR)
    from_one = rates.count("mail_from", network, seconds=HOUR)
    if between > MAILS_BETWEEN or from_one > MAILS_FROM_ONE:
        return False
    most = MAILS_FIRST if between == 1 else MAILS_TO_ONE
    return rates.count("mail_to", email, seconds=HOUR) <= most


def send_one(request: HttpRequest, email: str, name: str, texts: dict[str, dict[str, object]]) -> None:
    """Have all the letters written, in one order, and that one sent: none takes longer than another.

    `texts` is what each letter says, by its name. Raises OSError when the server is away.
    """
    import_string(settings.LETTERS)(request, email, name, texts)


def send(request: HttpRequest, email: str, name: str, context: dict[str, object]) -> None:
    """Raises OSError when the server is away."""
    send_one(request, email, name, {name: context})


def page(name: str) -> str:
    """The address of a page, as it stands in a mail."""
    return absolute(reverse(name))
