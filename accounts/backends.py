from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


class PasswordBackend(ModelBackend):
    """Loads users and their permissions. It signs nobody in: that takes two factors, in accounts.entry.signing_in."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        return None
