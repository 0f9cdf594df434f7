from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from accounts.entry.joining import open_account
from accounts.models import User
from accounts.people import bank_names, handles, names


class Command(BaseCommand):
    help = (
        "Holds the names and handles of all customers against today's rules and puts those that might be the bank's, "
        "or would not be accepted today, on the staff's list. Changes no name. Worth a run after an upgrade, and after "
        "the site got another name."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for user in User.objects.filter(is_staff=False, name_review="").iterator():
            if reason := what_to_look_at_again(user.full_name, user.handle or ""):
                user.ask_for_review(reason)
                user.save(update_fields=["name_review", "name_review_at"])
                found += 1
        self.stdout.write(f"Names to look at, new on the list: {found}.")


def what_to_look_at_again(full_name: str, handle: str) -> str:
    try:
        names.clean(full_name)
    except ValidationError:
        return User.NameReview.REFUSED
    is_the_banks = bank_names.of_name(full_name, settings.SITE_NAME) is bank_names.Verdict.PASSES
    if is_the_banks or handles.is_reserved(handle, settings.SITE_NAME):
        return User.NameReview.REFUSED
    return open_account.what_to_look_at(full_name, handle)
