"""The staff's door: the stock admin behind the same sign-in as everybody else's."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django_otp.admin import OTPAdminSite

from backoffice.staff_pages import staff_page
from web.addresses import page
from work.lag import sentence

# What libraries register by themselves (groups, devices, ...) stays out: only our own apps' models are shown.
SHOWN_APPS = frozenset({"accounts", "ledger", "notices", "payments"})


class StaffSite(OTPAdminSite):
    """Staff with a verified second factor only; signing in, out and changing a password are our own pages."""

    site_header = settings.SITE_NAME
    site_title = f"{settings.SITE_NAME} staff"
    index_title = "Books and people"
    site_url = None  # staff have no wallet to go back to
    enable_nav_sidebar = False  # it takes the room in which a list shows who was paid

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(staff_page(view), cacheable)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        ours = [model for model in models if model._meta.app_label in SHOWN_APPS]
        super().register(ours, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        page: HttpResponse = super().index(request, {**(extra_context or {}), "worker": sentence()})
        return page

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Our sign-in, and back here. Somebody signed in who is not staff is refused: asking again would be a loop."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated and request.user.is_verified():
            raise PermissionDenied
        return redirect_to_login(
            page(request.GET.get("next", "")) or reverse("admin:index"), reverse(settings.LOGIN_URL)
        )

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("accounts:security")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("accounts:security")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("accounts:logout"), preserve_request=True)
