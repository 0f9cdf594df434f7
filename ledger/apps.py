from django.apps import AppConfig
from django.core.checks import register


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        from ledger import refusals  # noqa: F401  (it watches each new connection)
        from ledger.checks import check_doors

        register(check_doors)
