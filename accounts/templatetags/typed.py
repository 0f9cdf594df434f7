from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.access import kept_forms

register = template.Library()


@register.simple_tag(takes_context=True)
def typed_by(context: Context) -> SafeString:
    """For a form whose view `keeps` what is typed into it: whose page this is. Tells nobody who that is."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">', kept_forms.FIELD, kept_forms.mark_of(context.get("user"))
    )
