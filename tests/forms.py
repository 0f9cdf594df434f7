"""Every form that the site has, as its addresses bring them in."""

from collections.abc import Iterator
from importlib import import_module

from django import forms

OURS = ("accounts.", "backoffice.", "notices.", "payments.", "statements.", "wallet_site.")


def our_forms(base: type[forms.Form] | None = None) -> Iterator[type[forms.Form]]:
    import_module("wallet_site.urls")
    for form in (base or forms.Form).__subclasses__():
        if form.__module__.startswith(OURS):
            yield form
        yield from our_forms(form)
