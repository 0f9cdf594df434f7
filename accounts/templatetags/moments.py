"""Times on pages: `{% moment at %}` and `{% clock at %}`, as `web.moments` writes them and machines read them; days and
months in words, as `web.days` writes them; `{% moment_now %}` for letters."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web import days, moments

register = template.Library()
register.filter("month", days.month)
register.filter("month_name", days.month_name)
register.filter("short_month_name", days.short_month_name)


@register.filter
def day(at: date) -> str:
    """The day of a moment, where the reader is, or a day as it is."""
    return days.day(timezone.localtime(at) if isinstance(at, datetime) else at)


@register.simple_tag
def moment_now() -> str:
    return moments.moment(timezone.now())


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
