"""What staff see of people: never a secret, and nothing that could be changed here."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from accounts import events
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

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nothing is changed here, so there is no history of changes."""
        raise Http404

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Handles are written with an @ everywhere, and kept without."""
        words = (word.lstrip("@＠") for word in search_term.split())
        return super().get_search_results(request, queryset, " ".join(words))


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ["email", "full_name", "handle", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active", "date_joined"]
    search_fields = ["email", "full_name", "handle"]
    search_help_text = "Name, @handle or email."
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

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Shown columns only: a list that can be filtered by any other gives it up letter by letter."""
        return lookup.partition("__")[0] in self.fields and super().lookup_allowed(lookup, value, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.note_look(request, self.get_object(request, object_id))
        return super().change_view(request, object_id, form_url, extra_context)

    def note_look(self, request: HttpRequest, user: User | None) -> None:
        """Looking at somebody is written in their security log, where they can read it."""
        assert request.user.is_authenticated
        if user is not None and self.has_view_permission(request, user):
            events.record(request, user, events.Kind.STAFF_VIEWED, actor=request.user)


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnly):
    list_display = ["at", "user", "kind", "address", "actor"]
    list_filter = ["kind", "at"]
    list_select_related = ["user", "actor"]
    search_fields = ["user__email", "user__handle", "user__full_name", "actor__email", "address"]
    search_help_text = "Name, @handle or email of the customer, email of who did it, or an address."
    date_hierarchy = "at"
    fields = ["at", "user", "kind", "address", "agent", "actor"]
