import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.credentials import totp
from accounts.models import Authenticator
from accounts.people import emails


class Command(BaseCommand):
    help = "Prints a demo user's code, in place of the authenticator app. Demo mode only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Codes come from an authenticator app. This command works in demo mode (DEMO=1) only.")
        device = Authenticator.objects.filter(user__email=emails.normalise(email), confirmed=True).first()
        if device is None:
            raise CommandError(f"Nobody with the email {email} has an authenticator.")
        # A code is accepted once, and the next one a step early: so there is always one to give.
        step = max(totp.step_at(), device.last_step + 1)
        seconds = (step + 1) * totp.STEP_SECONDS - int(time.time())
        self.stdout.write(f"{totp.code_for_step(device.seed, step)}  ({seconds} seconds left)")
