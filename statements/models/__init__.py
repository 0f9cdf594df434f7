"""What reading money keeps: statements, lines as they are searched, and tags."""

from statements.models.lines import TAG_LENGTH, Searched, SearchedLine, Tag, TaggedLine
from statements.models.statements import (
    PART,
    PDF_AT_ONCE,
    MonthlyRun,
    PdfPart,
    Seal,
    Statement,
    bounds,
    label_of,
    period_name,
)

__all__ = [
    "PART", "PDF_AT_ONCE", "TAG_LENGTH", "MonthlyRun", "PdfPart", "Seal", "Searched", "SearchedLine", "Statement",
    "Tag", "TaggedLine", "bounds", "label_of", "period_name",
]  # fmt: skip
