"""What staff see of people: never a secret, and nothing that could be changed here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from accounts import events
from accounts.models import SecurityEvent, User
from accounts.people import emails
from inputs.search import SearchedAsMeant

REASONS = User.NameReview.choices


class ReadOnly(SearchedAsMeant):
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


class NamesToLookAt(admin.SimpleListFilter):
    """Customers whose name or handle might be the bank's. They were let in; the staff may think otherwise."""

    title = "names to look at"
    parameter_name = "name_review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("any", "All names to look at"), *[(str(value), str(label)) for value, label in REASONS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen = self.value()
        if chosen is None:
            return queryset
        return queryset.exclude(name_review="") if chosen == "any" else queryset.filter(name_review=chosen)


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ["email", "full_name", "handle", "name_review", "is_staff", "is_active", "date_joined"]
    list_filter = [NamesToLookAt, "is_staff", "is_active", "date_joined"]
    search_fields = ["email", "full_name", "handle"]
    search_help_text = "Name, @handle or email."
    date_hierarchy = "date_joined"
    ordering = ["-date_joined"]
    fields = [
        "email",
        "full_name",
        "handle",
        "name_review",
        "name_review_at",
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

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        return super().get_search_results(request, queryset, as_stored(search_term))

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

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SecurityEvent], search_term: str
    ) -> tuple[QuerySet[SecurityEvent], bool]:
        return super().get_search_results(request, queryset, as_stored(search_term))


def as_stored(search_term: str) -> str:
    """The words to look for: an email address, or "@" and a domain, as it is stored."""
    words = [emails.normalise(word) if "@" in word else word for word in search_term.split(" ")]
    return " ".join(words)
