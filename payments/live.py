"""What the wallet page shows, as a tag that changes whenever any of it does."""

import hashlib
from datetime import datetime

from django.utils import timezone

from ledger.models import Account


def tag(account: Account, shown_until: datetime | None, unread: str) -> str:
    """An entity tag (RFC 9110, 8.8.3): of the account's last entry, the mask, the bell, and the day that lines name.

    A digest, for a tag is kept and sent about: it tells nobody how many entries there are.
    """
    parts = (account.number, account.last_seq, shown_until, unread, timezone.localdate())
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'
