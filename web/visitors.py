"""What a request says about where it comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

AGENT_LENGTH = 200
HOPS_LENGTH = 1_000  # characters: some twenty addresses


def address(request: HttpRequest) -> str:
    """The client's address: the last one that a proxy of ours wrote, never one the client may have invented."""
    candidate = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        header = request.META.get("HTTP_X_FORWARDED_FOR", "")[-HOPS_LENGTH:]  # ours are the last ones
        forwarded = [part.strip() for part in header.split(",")]
        if len(forwarded) >= settings.TRUSTED_PROXIES:
            candidate = forwarded[-settings.TRUSTED_PROXIES]
    try:
        found = ipaddress.ip_address(candidate)
        # A socket for both families writes IPv4 addresses as ::ffff:192.0.2.7, which would all be one /64.
        return str(getattr(found, "ipv4_mapped", None) or found)
    except ValueError:
        return "0.0.0.0"


def network(request: HttpRequest) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 that one line of IPv6 gets."""
    found = ipaddress.ip_address(address(request))
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def agent(request: HttpRequest) -> str:
    """The browser's name for itself, cut and without control characters. "unknown" when it says nothing."""
    text = "".join(character for character in request.META.get("HTTP_USER_AGENT", "") if character.isprintable())
    return text[:AGENT_LENGTH] or "unknown"
