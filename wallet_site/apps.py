from django.apps import AppConfig
from django.contrib.admin import apps as admin


class WalletSiteConfig(AppConfig):
    name = "wallet_site"
    default = True


class StaffAdminConfig(admin.AdminConfig):
    """The stock admin with our site in it: a second factor, our sign-in, only the models we name."""

    default = False
    default_site = "wallet_site.admin.StaffSite"
