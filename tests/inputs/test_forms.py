"""Length first: no form of the site lets a pattern, a normaliser, a hash or a look-up see more than a field may hold."""

import ast
import re
import signal
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.auth import password_validation
from django.core import validators
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.http import QueryDict
from django.test import RequestFactory

import statements.forms
from accounts.models import Session, User
from inputs import fields, text
from inputs.forms import OneValueEach, is_bounded
from inputs.search import SearchedAsMeant, SearchForm
from ledger.models import Account
from tests.inputs.worst import APPS, WORST, form_classes
from wallet_site.environment import BASE_DIR

pytestmark = pytest.mark.django_db
SIZE = 256 * 1024  # characters; what a whole request may have in bytes
MOST_SEEN = text.LONGEST * 4  # what a password of 4,096 characters may grow to before it is hashed
DOCUMENTS = {"document"}  # whole files, pasted: read as JSON, by no normaliser and no pattern
ALARM_SECONDS = 60  # of the processor: a net for a pattern that runs away; nothing is measured

FORMS = form_classes()
every_form = pytest.mark.parametrize("form_class", FORMS, ids=lambda form: f"{form.__module__}.{form.__qualname__}")


def filled(form_class: type[forms.BaseForm], value: str | None = None) -> forms.BaseForm:
    """The form with what its page gives it, and every field holding the value."""
    user = User(email="ada@example.com", full_name="Ada Lovelace", handle="ada")
    options = {
        "JoinForm": {"email": user.email},
        "ConfirmedForm": {"user": user},
        "NewPasswordForm": {"user": user},
        "NewPinsForm": {"user": user},
        "NewEmailForm": {"user": user},
        "NewNameForm": {"user": user},
        "ResetForm": {"user": user, "asks_code": True},
        "EndSessionForm": {"others": Session.objects.none()},
        "SendForm": {"payer": user},
        "PeriodForm": {"opened": date(2025, 1, 1)},
        "PreferencesForm": {"user": user},
    }.get(form_class.__name__, {})
    if form_class is statements.forms.SearchForm:
        options = {"account": Account(pk=1, currency="EUR")}
    if value is None:
        return (
            form_class(QueryDict(), **options) if form_class is statements.forms.SearchForm else form_class(**options)
        )
    data = QueryDict(mutable=True)
    for name, field in filled(form_class).fields.items():
        data[name] = "on" if isinstance(field, forms.BooleanField) else value
    return form_class(data, **options)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The lengths of whatever a normaliser, a pattern or a validator is given while the form is looked at."""
    seen: list[int] = []

    def watch(owner: Any, name: str, place: int) -> None:
        plain = getattr(owner, name)

        def watching(*args: Any, **options: Any) -> Any:
            if len(args) > place and isinstance(args[place], str):
                seen.append(len(args[place]))
            return plain(*args, **options)

        monkeypatch.setattr(owner, name, watching)

    watch(unicodedata, "normalize", 1)
    for function in ("fullmatch", "match", "search", "split"):
        watch(re, function, 1)
    watch(re, "sub", 2)
    watch(validators.EmailValidator, "__call__", 1)
    watch(validators.RegexValidator, "__call__", 1)
    watch(password_validation, "validate_password", 0)
    watch(models.QuerySet, "filter", 1)
    before = signal.signal(signal.SIGVTALRM, lambda *_: pytest.fail("a form is still at it"))
    signal.setitimer(signal.ITIMER_VIRTUAL, ALARM_SECONDS)
    yield seen
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def test_there_are_forms() -> None:
    names = {form.__name__ for form in FORMS}
    assert {"EmailForm", "LoginForm", "JoinForm", "SendForm", "PinAndCodeForm", "SearchForm", "OneValueEach"} <= names


@pytest.mark.asvs("15.2.2")
@every_form
def test_every_field_has_a_maximum(form_class: type[forms.BaseForm]) -> None:
    form = filled(form_class)
    assert isinstance(form, OneValueEach | SearchForm)
    for name, field in form.fields.items():
        assert is_bounded(field), name
        if isinstance(field, fields.Bounded):
            assert 0 < field.longest <= (SIZE if name in DOCUMENTS else text.LONGEST), name


@every_form
def test_no_page_cuts_what_is_pasted(form_class: type[forms.BaseForm]) -> None:
    html = filled(form_class).as_p()
    assert "maxlength" not in html
    assert "minlength" not in html


@pytest.mark.parametrize("worst", WORST)
@every_form
def test_too_long_is_said_beside_each_field_and_nothing_reads_it(
    form_class: type[forms.BaseForm], worst: str, watched: list[int]
) -> None:
    form = filled(form_class, WORST[worst](SIZE))
    asked = [name for name, field in form.fields.items() if isinstance(field, fields.Bounded)]
    assert sorted(set(form.errors) - {"__all__"}) == sorted(asked)
    assert max(watched, default=0) <= text.LONGEST


@pytest.mark.parametrize("worst", WORST)
@every_form
def test_as_long_as_a_field_takes_is_answered_too(
    form_class: type[forms.BaseForm], worst: str, watched: list[int]
) -> None:
    form = filled(form_class)
    longest = max((field.longest for field in form.fields.values() if isinstance(field, fields.Bounded)), default=1)
    for length in {20, 100, longest}:
        filled(form_class, WORST[worst](length)).full_clean()
    assert max(watched, default=0) <= MOST_SEEN


@pytest.mark.parametrize(
    "field", [forms.CharField(), forms.EmailField(max_length=9), forms.ChoiceField(), forms.JSONField()]
)
def test_a_form_with_a_field_of_any_length_is_none(field: forms.Field) -> None:
    form_class = type("Endless", (OneValueEach,), {"endless": field})
    with pytest.raises(ImproperlyConfigured, match="endless"):
        form_class()


@pytest.mark.parametrize("form_class", [form for form in FORMS if issubclass(form, OneValueEach)])
def test_a_field_that_comes_twice_is_told_once(form_class: type[forms.BaseForm]) -> None:
    names = list(filled(form_class).fields)
    form = filled(form_class, "")
    for name in names:
        form.data.setlist(name, ["", ""])  # type: ignore[attr-defined]
    for name in names:
        assert [error for error in form.errors.get(name, []) if "more than once" in error] == [
            "This was sent more than once. Enter it again."
        ]


def test_the_staffs_pages_have_no_other_forms() -> None:
    request = RequestFactory().get("/")
    request.user = User(is_staff=True, is_superuser=True)
    for model, site in admin.site._registry.items():
        assert isinstance(site, SearchedAsMeant), model
        assert site.get_form(request, model(), change=True).base_fields == {}, model
        assert site.get_actions(request) == {}, model
        assert site.get_changelist(request).search_form_class is SearchForm, model
        assert not site.get_changelist(request).search_form_class({SEARCH_VAR: "x" * 201}).is_valid()


# Patterns


def patterns() -> Iterator[tuple[str, str]]:
    for app in APPS:
        for path in sorted(Path(BASE_DIR, app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
                    for part in ast.walk(node.args[0]):
                        if isinstance(part, ast.Constant) and isinstance(part.value, str):
                            yield f"{path.name}:{node.lineno}", part.value


def endless_within_endless(pattern: str) -> bool:
    """Whether a repetition without an end stands in another: the shape that may take exponential time."""
    parser: Any = re._parser  # type: ignore[attr-defined]

    def within(parsed: Any, inside: bool) -> bool:
        for operator, argument in parsed:
            name = str(operator)
            if name in ("MAX_REPEAT", "MIN_REPEAT"):
                endless = argument[1] == parser.MAXREPEAT
                if (endless and inside) or within(argument[2], inside or endless):
                    return True
            elif (
                (name == "SUBPATTERN" and within(argument[3], inside))
                or (name == "BRANCH" and any(within(branch, inside) for branch in argument[1]))
                or (name in ("ASSERT", "ASSERT_NOT") and within(argument[1], inside))
            ):
                return True
        return False

    return within(parser.parse(pattern), False)


def test_no_pattern_repeats_a_repetition() -> None:
    found = dict(patterns())
    assert len(found) > 10
    assert endless_within_endless("(?:[0-9]+,?)+x")
    assert endless_within_endless("(a|b*)*")
    assert not endless_within_endless("[0-9]{1,3}(?:,[0-9]{3})+")
    for where, pattern in found.items():
        if is_whole(pattern):
            assert not endless_within_endless(pattern), where


def is_whole(pattern: str) -> bool:
    """A part of an f-string may be no pattern by itself."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def test_no_text_grows_where_it_is_read() -> None:
    """So that what is bounded before a normaliser is bounded after it."""
    read: list[Callable[[str], str]] = [
        text.visible,
        text.one_line,
        text.figures,
        text.compact,
        text.handle,
        text.email,
    ]
    for worst in WORST.values():
        for function in read:
            assert len(function(worst(1000))) <= 1100
