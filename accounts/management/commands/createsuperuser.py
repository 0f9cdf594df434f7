from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.exceptions import ValidationError

from accounts import codes, staff
from accounts.fields import MailAddressField
from accounts.models import User


class Command(createsuperuser.Command):
    help = "Makes a superuser and prints the one-time code with which they enrol their authenticator."

    def _validate_username(self, username: str, verbose_field_name: str, database: str) -> str | None:
        """Also without a terminal, where Django takes any text for an email address."""
        try:
            MailAddressField().clean(username)
        except ValidationError as refusal:
            return " ".join(refusal.messages)
        taken: str | None = super()._validate_username(username, verbose_field_name, database)  # type: ignore[misc]
        return taken

    def handle(self, *args: Any, **options: Any) -> None:
        before = set(User.objects.filter(is_superuser=True).values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=before):
            self.stdout.write(staff.how_to_enrol(user, codes.issue_enrolment(user)))
