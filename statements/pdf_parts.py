"""PDFs of large statements: asked for by their page, made by the worker a part at a time, kept for a week.

A statement's entries never change, so a part that two workers made is the same twice.
"""

from datetime import timedelta
from typing import NamedTuple

import structlog
from django.db.models import F
from django.utils import timezone

from statements import content, sealing
from statements.formats import pdf
from statements.models import PdfPart, Statement
from work.due import claim, finish, give_up, postpone

SECONDS = 120  # a claim's: a part takes a few
TRIES = 5
KEPT = timedelta(days=7)
log = structlog.get_logger(__name__)


class Progress(NamedTuple):
    """`failed` parts are not tried again by themselves."""

    parts: int
    asked: int
    made: int
    failed: int

    @property
    def is_under_way(self) -> bool:
        return self.made + self.failed < self.asked

    @property
    def is_ready(self) -> bool:
        return self.made == self.parts


def ask(statement: Statement) -> None:
    """Has all parts made that are not there or under way. Safe to repeat."""
    PdfPart.objects.filter(statement=statement, gave_up_at__isnull=False).delete()
    parts = [PdfPart(statement=statement, part=part) for part in range(1, statement.parts + 1)]
    PdfPart.objects.bulk_create(parts, ignore_conflicts=True)


def progress(statement: Statement) -> Progress:
    found = PdfPart.objects.filter(statement=statement).values_list("made_at", "gave_up_at")
    states = list(found)
    return Progress(
        statement.parts, len(states), sum(made is not None for made, _ in states), sum(bool(gave) for _, gave in states)
    )


def find(statement: Statement, part: int) -> bytes | None:
    found = PdfPart.objects.filter(statement=statement, part=part, made_at__isnull=False)
    made = found.values_list("pdf", flat=True).first()
    return bytes(made) if made is not None else None


def make_due() -> int:
    """One part; how many were made or thrown away. Settings name it in WORK."""
    waiting = PdfPart.objects.defer("pdf").select_related("statement__account")
    # Only the part is claimed: the rest of the row's joins are never changed, and their locks are not ours to take.
    claimed = claim(PdfPart.objects.defer("pdf"), most=1, seconds=SECONDS)
    for row in claimed:
        _make(row, waiting.get(pk=row.pk).statement)
    return len(claimed) or _throw_away()


def _make(row: PdfPart, statement: Statement) -> None:
    if sealing.is_awaited(statement):
        postpone(row, seconds=1, tries=F("tries") - 1)
        return
    try:
        data = content.read(statement, part=row.part)
        made = pdf.render(data, part=row.part, parts=statement.parts)
    except Exception:
        log.exception("pdf_part_failed", statement=str(statement.id), part=row.part, tries=row.tries)
        give_up(row) if row.tries >= TRIES else postpone(row)
        return
    PdfPart.objects.filter(pk=row.pk).update(pdf=made, made_at=timezone.now())
    finish(row)


def _throw_away() -> int:
    old = PdfPart.objects.filter(made_at__lt=timezone.now() - KEPT)
    return old.filter(pk__in=list(old.values_list("pk", flat=True)[:100])).delete()[0]
