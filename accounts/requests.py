"""What a request says about where it comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

AGENT_LENGTH = 200


def address(request: HttpRequest) -> str:
    """The client's address: the last one that a proxy of ours wrote, never one the client may have invented."""
    candidate = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(forwarded) >= settings.TRUSTED_PROXIES:
            candidate = forwarded[-settings.TRUSTED_PROXIES]
    try:
        return str(ipaddress.ip_address(candidate))
    except ValueError:
        return "0.0.0.0"


def agent(request: HttpRequest) -> str:
    """The browser's name for itself, cut and without control characters. "unknown" when it says nothing."""
    text = "".join(character for character in request.META.get("HTTP_USER_AGENT", "") if character.isprintable())
    return text[:AGENT_LENGTH] or "unknown"
