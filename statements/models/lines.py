"""What reading needs beside the books: each wallet's lines as they are searched, and the customer's own tags.

Nothing here is evidence. The searched lines are made from the books, in each account's own order, and can be made
again.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from ledger.models import Account

TAG_LENGTH = 30  # characters


def owning() -> "models.ForeignKey[Account, Account]":
    """The account a row is about. No key in the database: it comes from the books, where no account is ever deleted."""
    return models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False)


class SearchedLine(models.Model):
    """One entry of a customer's wallet, ready to be searched: written by the worker, `seq` by `seq` without a gap.

    `text` holds the other side's name and @handle, the note and the reference, folded (see searched.py). `came_in` is
    all that came in up to and with this line, in minor units: with the balance it gives the sums between any two lines.
    """

    pk = models.CompositePrimaryKey("account_id", "seq")
    account = owning()
    seq = models.BigIntegerField()
    other = owning()
    incoming = models.BooleanField()
    amount = models.BigIntegerField()
    kind = models.CharField(max_length=32)
    text = models.TextField()
    came_in = models.BigIntegerField()

    class Meta:
        db_table = "statements_searched_line"
        indexes = [
            # Not gathered in a list first (fastupdate): a search would have to read that too.
            GinIndex(
                fields=["account", "text"], opclasses=["int8_ops", "gin_trgm_ops"], fastupdate=False, name="line_text"
            ),
            models.Index(fields=["account", "amount", "seq"], name="line_amount"),
            models.Index(fields=["account", "incoming", "kind", "seq"], name="line_kind"),
            models.Index(fields=["other", "account", "seq"], name="line_other"),
        ]

    def __str__(self) -> str:
        return f"line {self.seq} of account {self.account_id}"


class Searched(models.Model):
    """How far a wallet's entries are in SearchedLine: all up to `seq`, and none after it.

    `name` is how its owner is called in the lines of others, so that a new name is noticed.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="+", db_constraint=False)
    seq = models.BigIntegerField(default=0)
    came_in = models.BigIntegerField(default=0)
    name = models.TextField(default="")

    class Meta:
        db_table = "statements_searched"
        constraints = [models.CheckConstraint(condition=Q(seq__gte=0, came_in__gte=0), name="searched_is_sane")]

    def __str__(self) -> str:
        return f"account {self.account_id} up to {self.seq}"


class Tag(models.Model):
    """A word of the customer's own for some of a wallet's lines."""

    account = owning()
    name = models.CharField(max_length=TAG_LENGTH)

    class Meta:
        constraints = [
            models.UniqueConstraint("account", Lower("name"), name="tag_once_an_account"),
            models.CheckConstraint(condition=~Q(name=""), name="tag_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TaggedLine(models.Model):
    """The one tag of a line."""

    pk = models.CompositePrimaryKey("account_id", "seq")
    account = owning()
    seq = models.BigIntegerField()
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="lines", db_index=False)

    objects: ClassVar[models.Manager["TaggedLine"]] = models.Manager()

    class Meta:
        db_table = "statements_tagged_line"
        indexes = [models.Index(fields=["tag", "seq"], name="tagged_line_tag")]

    def __str__(self) -> str:
        return f"tag of line {self.seq} of account {self.account_id}"
