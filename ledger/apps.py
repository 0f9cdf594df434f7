from django.apps import AppConfig
from django.core.checks import register


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        from ledger import refusals, replication  # noqa: F401  (they watch each new connection)
        from ledger.checks import check_doors

        register(check_doors)
