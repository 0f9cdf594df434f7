from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from accounts import codes, staff
from accounts.models import User


class Command(createsuperuser.Command):
    help = "Makes a superuser and prints the one-time code with which they enrol their authenticator."

    def handle(self, *args: Any, **options: Any) -> None:
        before = set(User.objects.filter(is_superuser=True).values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=before):
            self.stdout.write(staff.how_to_enrol(user, codes.issue_enrolment(user)))
