from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.credentials import recovery_codes
from accounts.models import Authenticator, User
from backoffice import staff


class Command(BaseCommand):
    help = "Prints a new one-time code for a member of staff who has no authenticator yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.by_email(email)
        if user is None or not user.is_staff:
            raise CommandError(f"No member of staff has the email {email}.")
        if Authenticator.objects.filter(user=user, confirmed=True).exists():
            raise CommandError(f"{user.email} has an authenticator already.")
        self.stdout.write(staff.how_to_enrol(user, recovery_codes.issue_enrolment(user)))
