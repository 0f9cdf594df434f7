from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import EmailChange, Guard, MailedToken, Tally
from accounts.sessions.store import SessionStore

KEPT_DAYS = 30


class Command(BaseCommand):
    help = "Deletes sessions, links and counters that have ended. Safe to run at any time; once a day is enough."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        SessionStore.clear_expired()
        MailedToken.objects.filter(expires_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
        EmailChange.objects.filter(expires_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
        Tally.objects.filter(ends_at__lt=now).delete()
        # What is left of a run of failures or of a row of locks is forgotten after a month without a try.
        Guard.objects.filter(tried_at__lt=now - timedelta(days=KEPT_DAYS)).exclude(locked_until__gt=now).delete()
        for clear in settings.CLEAR_EXPIRED:
            import_string(clear)()
