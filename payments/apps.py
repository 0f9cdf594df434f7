from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from payments.groups import make_groups

        post_migrate.connect(make_groups, sender=self)
