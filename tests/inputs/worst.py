"""Texts that patterns, normalisers and hashes are slow with, of any length, and every form that is to withstand them."""

import importlib
import pkgutil
from collections.abc import Iterator

from django import forms

APPS = ("inputs", "accounts", "ledger", "notices", "statements", "payments", "backoffice", "wallet_site")

WORST = {
    "commas and a letter": lambda n: "," * (n - 1) + "x",
    "digits": lambda n: "9" * n,
    "digits and a letter": lambda n: "9" * (n - 1) + "x",
    "groups of digits": lambda n: "1,234" * (n // 5),
    "spaces": lambda n: "1" + " " * (n - 2) + "x",
    "no-break spaces": lambda n: "\u00a0" * (n - 1) + "x",
    "combining marks": lambda n: "a" + "\u0301\u0316" * (n // 2),
    "marks in the wrong order": lambda n: "e" + "\u0301" * (n // 2) + "\u0316" * (n // 2),
    "parentheses": lambda n: "(" * (n // 2) + ")" * (n // 2),
    "angle brackets": lambda n: "<" * (n // 2) + "a@b" + ">" * (n // 2),
    "at signs": lambda n: "@" * n,
    "a domain": lambda n: "a@" + "a." * (n // 2),
    "a long label": lambda n: "a@" + "a-" * (n // 2) + ".",
    "a quoted name": lambda n: '"' + "\\a" * (n // 2) + '"@example.com',
    "mailto again and again": lambda n: "mailto:" * (n // 7),
    "hyphens": lambda n: "-" * n,
    "invisible": lambda n: "\u200b" * n,
    "ligatures that grow": lambda n: "\ufdfa" * n,
    "slashes": lambda n: "/" * n,
    "an address of ours": lambda n: "/" + "a" * n,
    "letters": lambda n: "a" * n,
    "line ends": lambda n: "\n" * (n - 1) + "x",
    "control characters": lambda n: "x" + "\x01" * (n - 2) + "x",
}  # fmt: skip


def form_classes() -> list[type[forms.BaseForm]]:
    """Every class of a form in the project, the admin's search among them."""
    for app in APPS:
        for module in pkgutil.walk_packages(importlib.import_module(app).__path__, f"{app}."):
            if "migrations" not in module.name and not module.name.endswith("gunicorn_conf"):
                importlib.import_module(module.name)
    found = set(_below(forms.BaseForm))
    return sorted(found, key=lambda form: f"{form.__module__}.{form.__qualname__}")


def _below(base: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for form in base.__subclasses__():
        yield from _below(form)
        if form.__module__.partition(".")[0] in APPS:
            yield form
