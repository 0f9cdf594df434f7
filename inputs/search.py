"""The staff's searches: bounded like every other field, and read as what was copied was meant."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.db.models import QuerySet
from django.http import HttpRequest

from inputs import text
from inputs.fields import TextField

LONGEST = 200  # characters

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class SearchForm(ChangeListSearchForm):
    """Too long a search is told above the list, which then shows everything."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields = {SEARCH_VAR: TextField(longest=LONGEST, required=False, strip=False)}


class SearchedList(ChangeList):
    search_form_class = SearchForm


class SearchedAsMeant(ModelAdmin):
    """Finds what was typed, and what it looks like: "@Ada", "Ada <ada@example.com>", a number with no-break spaces."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return SearchedList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if len(search_term) > LONGEST:  # a list of suggestions has no form in front
            return queryset.none(), False
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        meant = self.meant(search_term)
        if meant == search_term.strip():
            return found, may_repeat
        more, more_repeat = super().get_search_results(request, queryset, meant)
        return found | more, may_repeat or more_repeat

    def meant(self, search_term: str) -> str:
        return search(search_term)


def search(typed: str) -> str:
    """The search that was meant, by names, addresses, handles and numbers as they are stored. Raises TooLong."""
    words = (word.lstrip("@") for word in text.figures(typed).split(" "))
    shown = " ".join(words).lstrip(text.AROUND).rstrip(text.AROUND)
    return text.email(typed) if "@" in shown else shown


def number_search(typed: str, *, digits: int) -> str:
    """The same where numbers of so many digits are searched; of a shorter one, each of its groups."""
    number = text.account_number(typed)
    if number is None:
        return search(typed)
    return number if len(number) == digits else text.figures(typed).translate(text.AS_SPACES)
