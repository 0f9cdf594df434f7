"""The tables of the log over transfers. Nobody writes leaves and nodes but the database (ledger/sql/0008_log.sql)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

SALT_LENGTH, HASH_LENGTH = 16, 32  # bytes
FANOUT = 256  # leaves or nodes under a stored node


class LogLeaf(models.Model):
    """One transfer at its place in the log, which is the order in which the worker found them."""

    index = models.BigIntegerField(primary_key=True)
    # The rule `leaf_is_of_its_transfer` looks: no foreign key besides.
    transfer = models.OneToOneField(
        "ledger.Transfer", models.PROTECT, related_name="log_leaf", db_constraint=False, editable=False
    )
    salt = models.BinaryField(help_text="Sixteen random bytes: without them, what is paid could be guessed.")
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_log_leaf"
        constraints = [models.CheckConstraint(condition=Q(index__gte=0), name="log_leaf_index_is_not_negative")]

    def __str__(self) -> str:
        return f"leaf {self.index}"


class LogNode(models.Model):
    """The root over 256 leaves (level 1), or over 256 nodes of the level below; written once they are all there."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_log_node"
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_log_node_a_place")]

    def __str__(self) -> str:
        return f"node {self.index} of level {self.level}"


class LogCheckpoint(models.Model):
    """The log's size and root, signed: a C2SP checkpoint. `verifier` is the public key it is checked with."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    verifier = models.CharField(max_length=400)
    signed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_log_checkpoint"
        constraints = [models.CheckConstraint(condition=Q(size__gte=1), name="log_checkpoint_is_of_something")]

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"


class LogCosignature(models.Model):
    """A witness's line under a checkpoint: that it saw this root, and nothing else of this size."""

    checkpoint = models.ForeignKey(LogCheckpoint, models.PROTECT, related_name="cosignatures")
    line = models.CharField(max_length=1000)

    class Meta:
        db_table = "ledger_log_cosignature"
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "line"], name="a_witness_signs_once"),
            models.CheckConstraint(
                condition=Q(line__regex=r"^— [^\s+]+ [A-Za-z0-9+/]+={0,2}$"), name="log_cosignature_is_a_line"
            ),
        ]

    def __str__(self) -> str:
        return self.line
