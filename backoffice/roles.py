"""What staff may see comes by group. The groups exist wherever the database was migrated."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

AUDITORS, SUPPORT = "Auditors", "Support"
DECIDE_NAMES = "accounts.decide_namewish"
# Model names by app: an auditor may view these and change nothing.
AUDITED = {
    "ledger": ["account", "transfer", "entry", "hotaccount"],
    "accounts": ["user", "securityevent", "namewish"],
    "notices": ["letter"],
}


# Support sees the names that customers ask for, and decides; nothing else.


def make_groups(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After each migrate of the last app, once the permissions of all of them exist."""
    auditors, _ = Group.objects.using(using).get_or_create(name=AUDITORS)
    wanted = Q()
    for app_label, models in AUDITED.items():
        wanted |= Q(content_type__app_label=app_label, codename__in=[f"view_{model}" for model in models])
    auditors.permissions.set(Permission.objects.using(using).filter(wanted))
    support, _ = Group.objects.using(using).get_or_create(name=SUPPORT)
    names = Q(content_type__app_label="accounts", codename__in=["view_namewish", "decide_namewish"])
    support.permissions.set(Permission.objects.using(using).filter(names))
