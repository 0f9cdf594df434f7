"""Days of lines on pages."""

from datetime import datetime

from django import template
from django.utils import timezone

from statements.lines import short_day as short

register = template.Library()


@register.filter
def short_day(at: datetime) -> str:
    """ "today", "yesterday", "12 Nov" or "12 Nov 2025", in the middle of a sentence."""
    text = short(timezone.localtime(at).date())
    return text.lower() if text in ("Today", "Yesterday") else text
