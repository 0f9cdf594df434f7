"""Times on pages: `{% moment at %}` and `{% clock at %}`, as `web.moments` writes them and machines read them."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web import moments

register = template.Library()


@register.simple_tag
def moment(at: datetime, *, seconds: bool = False) -> SafeString:
    """Day and time."""
    return _element(at, moments.moment(at, seconds=seconds))


@register.simple_tag
def clock(at: datetime, *, seconds: bool = False, day: str = "") -> SafeString:
    """The time of a day that is known, or said in front of it."""
    text = moments.clock(at, seconds=seconds)
    return _element(at, f"{day}, {text}" if day else text)


def _element(at: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', timezone.localtime(at).isoformat(), text)
