"""Members of staff: made at the command line, enrolled by a one-time code, with rights by group."""

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.credentials import recovery_codes
from accounts.models import User


def create(*, email: str, full_name: str, password: str, groups: list[str]) -> tuple[User, str]:
    """A member of staff with the groups' rights, and the one-time code of their first sign-in.

    Raises Group.DoesNotExist for a group that is not there, IntegrityError for an email taken.
    """
    with transaction.atomic():
        user = User.objects.create_staff(email=email, full_name=full_name, password=password)
        user.groups.set([Group.objects.get(name=name) for name in groups])
        return user, recovery_codes.issue_enrolment(user)


def how_to_enrol(user: User, code: str) -> str:
    return (
        f"One-time code for {user.email}: {code}\n"
        f"Sign in at /login/ with email and password, and give this code where it asks for one: "
        f"on a phone, under “Use a recovery code instead”. "
        f"It works once, for {recovery_codes.ENROLMENT_HOURS} hours."
    )
