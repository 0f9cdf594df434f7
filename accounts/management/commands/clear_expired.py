from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Guard, MailedToken, Tally
from accounts.sessions import SessionStore

KEPT_DAYS = 30


class Command(BaseCommand):
    help = "Deletes sessions, links and counters that have ended. Safe to run at any time; once a day is enough."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        SessionStore.clear_expired()
        MailedToken.objects.filter(expires_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
        Tally.objects.filter(ends_at__lt=now).delete()
        # A lock that is over still counts towards how long the next one is: it is forgotten after a month.
        Guard.objects.filter(failures=0, locks=0, pending={}).delete()
        Guard.objects.filter(pending={}, locked_until__lt=now - timedelta(days=KEPT_DAYS)).delete()
