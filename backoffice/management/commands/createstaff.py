import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.people.fields import MailAddressField
from backoffice import staff
from inputs.fields import LineField

NAME_MOST = 100


class Command(BaseCommand):
    help = (
        "Makes a member of staff with the rights of a group, and prints the one-time code with which they enrol their "
        "authenticator. Asks for the password, or takes it from STAFF_PASSWORD."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("full_name")
        parser.add_argument("--group", action="append", default=[], help="may be given more than once")

    def handle(self, *args: Any, email: str, full_name: str, group: list[str], **options: Any) -> None:
        known = set(Group.objects.filter(name__in=group).values_list("name", flat=True))
        if unknown := sorted(set(group) - known):
            raise CommandError(f"No such group: {', '.join(unknown)}.")
        try:
            email = MailAddressField().clean(email)
            full_name = LineField(max_length=NAME_MOST).clean(full_name)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        if User.objects.by_email(email):
            raise CommandError(f"Somebody has the email {email} already.")
        password = os.environ.get("STAFF_PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_password(password, User(email=email, full_name=full_name))
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        user, code = staff.create(email=email, full_name=full_name, password=password, groups=group)
        self.stdout.write(staff.how_to_enrol(user, code))
