"""What staff see of people: never a secret, and nothing that could be changed here."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import SecurityEvent, User

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnly(ModelAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ["email", "full_name", "handle", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active", "date_joined"]
    search_fields = ["email", "full_name", "handle"]
    date_hierarchy = "date_joined"
    ordering = ["-date_joined"]
    fields = [
        "email",
        "full_name",
        "handle",
        "is_staff",
        "is_superuser",
        "is_active",
        "groups",
        "date_joined",
        "last_login",
    ]


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnly):
    list_display = ["at", "user", "kind", "address", "actor"]
    list_filter = ["kind", "at"]
    list_select_related = ["user", "actor"]
    search_fields = ["user__email", "user__handle", "address"]
    date_hierarchy = "at"
    fields = ["at", "user", "kind", "address", "agent", "actor"]
