"""Notices on pages: how many are unread, and what each says."""

from django import template

from notices import inbox
from notices.words import words

register = template.Library()
register.filter("words", words)
register.filter("unread_text", inbox.unread_text)
