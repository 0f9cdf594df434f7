"""System checks: the two doors stand as ledger/db.py needs them."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

PLACE = ("ENGINE", "NAME", "USER", "HOST", "PORT")


def check_doors(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    databases: dict[str, dict[str, Any]] = settings.DATABASES
    if not {"default", "serializable"} <= set(databases):
        return [Error("DATABASES needs the aliases 'default' and 'serializable'.", id="ledger.E001")]
    default, serializable = databases["default"], databases["serializable"]
    errors: list[CheckMessage] = []
    if any(default.get(key) != serializable.get(key) for key in PLACE):
        errors.append(Error("The aliases 'default' and 'serializable' must be one database.", id="ledger.E002"))
    if not _is_serializable(serializable.get("OPTIONS", {})):
        errors.append(Error("The alias 'serializable' must set the isolation level SERIALIZABLE.", id="ledger.E003"))
    if _is_serializable(default.get("OPTIONS", {})):
        errors.append(
            Error("The alias 'default' must not be SERIALIZABLE: pages would have to retry.", id="ledger.E004")
        )
    if "ledger.db.Router" not in settings.DATABASE_ROUTERS:
        errors.append(Error("DATABASE_ROUTERS must name 'ledger.db.Router'.", id="ledger.E005"))
    if any(database.get("ATOMIC_REQUESTS") for database in databases.values()):
        errors.append(Error("ATOMIC_REQUESTS must be off: a payment is its own transaction.", id="ledger.E006"))
    return errors


def _is_serializable(options: dict[str, Any]) -> bool:
    level = options.get("isolation_level")
    return getattr(
        level, "name", level
    ) == "SERIALIZABLE" or "default_transaction_isolation=serializable" in options.get("options", "")
