from django.apps import AppConfig
from django.conf import settings


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """A credential key that cannot be read, or a bcrypt cost too low, stops the start with the setting's name."""
        from accounts.credentials import hashing, keys

        keys.parse(settings.CREDENTIAL_KEYS)
        hashing.rounds()
