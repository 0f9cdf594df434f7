from django.contrib import admin
from django.urls import include, path

from wallet_site import health, styleguide, views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("help/", views.help_page, name="help"),
    path("theme/", views.theme, name="theme"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("", include("accounts.urls")),
    path("", include("wallet_site.own_data.urls")),
    path("", include("notices.urls")),
    path("", include("statements.urls")),
    path("", include("payments.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

handler400 = "wallet_site.errors.bad_request"
handler403 = "wallet_site.errors.permission_denied"
handler404 = "wallet_site.errors.page_not_found"
handler500 = "wallet_site.errors.server_error"
