from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from accounts.credentials import recovery_codes
from accounts.models import User
from backoffice import staff


class Command(createsuperuser.Command):
    help = "Makes a superuser and prints the one-time code with which they enrol their authenticator."

    def handle(self, *args: Any, **options: Any) -> None:
        before = set(User.objects.filter(is_superuser=True).values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=before):
            self.stdout.write(staff.how_to_enrol(user, recovery_codes.issue_enrolment(user)))
