"""Mails that could not be sent in two days, or that their mailbox refused for good: somebody has to look at them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.admin.people import ReadOnly, as_stored
from notices.models import Letter


@admin.register(Letter)
class LetterAdmin(ReadOnly):
    """What the mail said stays between the bank's books and the customer: only of which kind it was is shown."""

    list_display = ["gave_up_at", "user", "kind", "tries", "why"]
    list_filter = ["kind", "gave_up_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__handle", "user__full_name"]
    search_help_text = "Name, @handle or email of the customer."
    date_hierarchy = "gave_up_at"
    ordering = ["-gave_up_at"]
    fields = ["user", "kind", "at", "tries", "gave_up_at", "why"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        given_up: QuerySet[Letter] = super().get_queryset(request).filter(gave_up_at__isnull=False)
        return given_up

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, as_stored(search_term))
