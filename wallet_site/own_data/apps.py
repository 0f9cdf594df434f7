from django.apps import AppConfig


class OwnDataConfig(AppConfig):
    name = "wallet_site.own_data"
    label = "own_data"
    default_auto_field = "django.db.models.BigAutoField"
