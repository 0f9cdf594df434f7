from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default = True

    def ready(self) -> None:
        from backoffice.roles import make_groups

        # The last app with tables: by then the permissions of all of them exist.
        post_migrate.connect(make_groups, sender=apps.get_app_config("payments"))


class StaffAdminConfig(admin.AdminConfig):
    """The stock admin with our site in it: a second factor, our sign-in, only the models we name."""

    default = False
    default_site = "backoffice.site.StaffSite"
