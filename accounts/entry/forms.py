"""Asks for the mailbox: the first step of joining, signing in and recovering."""

from accounts.people.fields import MailAddressField
from inputs.forms import OneValueEach


class EmailForm(OneValueEach):
    email = MailAddressField()
