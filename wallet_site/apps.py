from django.apps import AppConfig
from django.core.checks import Tags, register


class WalletSiteConfig(AppConfig):
    name = "wallet_site"
    default = True

    def ready(self) -> None:
        from wallet_site import logs
        from wallet_site.rights import check_rights

        logs.redact_what_python_prints()
        register(check_rights, Tags.database, deploy=True)
