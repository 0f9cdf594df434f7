from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import SecurityEvent, Session, User


class Command(BaseCommand):
    help = "Signs a user, or with --all everybody, out everywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", nargs="?")
        parser.add_argument("--all", action="store_true")

    def handle(self, *args: Any, email: str | None, all: bool, **options: Any) -> None:
        if bool(email) == all:
            raise CommandError("Give an email, or --all.")
        user = User.objects.by_email(email) if email else None
        if email and user is None:
            raise CommandError(f"Nobody has the email {email}.")
        chosen = Session.objects.filter(user=user) if user else Session.objects.exclude(user=None)
        owners = set(chosen.values_list("user_id", flat=True))
        chosen.delete()
        SecurityEvent.objects.bulk_create(
            SecurityEvent(user_id=owner, kind=SecurityEvent.Kind.SESSION_ENDED) for owner in owners
        )
        self.stdout.write(f"Signed out: {len(owners)}.")
