from babel.numbers import get_currency_symbol
from django.conf import settings
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

from web import regions


class FormRenderer(TemplatesSetting):
    """`{{ form }}` renders the error summary and every field; `{{ form.name.as_field_group }}` one field."""

    form_template_name = "_partials/_form.html"
    field_template_name = "_partials/_field.html"

    def render(self, template_name: str, context: dict[str, object], request: HttpRequest | None = None) -> str:
        """Form templates see no context processor: what `_field.html` puts before an amount comes from here."""
        symbol = get_currency_symbol(settings.CURRENCY, locale=regions.active())
        return super().render(template_name, {"currency_symbol": symbol, **context}, request)
