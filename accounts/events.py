"""The security log: what happened around a user's secrets, with time, address and device (ASVS 5, 16.3)."""

from django.http import HttpRequest

from accounts import requests
from accounts.models import SecurityEvent, User

Kind = SecurityEvent.Kind


def record(request: HttpRequest, user: User, kind: Kind, *, actor: User | None = None) -> SecurityEvent:
    """Append one event. `actor` is the member of staff who did it, None for the user."""
    return SecurityEvent.objects.create(
        user=user, kind=kind, actor=actor, address=requests.address(request), agent=requests.agent(request)
    )
