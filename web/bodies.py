"""How much a request may bring, said before any of it is read.

A page takes forms of at most `settings.DATA_UPLOAD_MAX_MEMORY_SIZE` bytes, and no file. A view that takes files says so
with `takes_files`; that is all it takes to let a larger body in there, and nowhere else.
"""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler
from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., Any])
UNREADABLE = "twofold.unreadable"  # in the environ of a request that wallet_site.wsgi found so
FILE_HANDLERS = (
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
)


class NoFiles(TooManyFilesSent):
    """A file where no form of ours has one."""


class NoFilesHandler(FileUploadHandler):
    """Stands in FILE_UPLOAD_HANDLERS: the first file's headers end the reading (raises NoFiles), not its last byte."""

    chunk_size = 8192  # bytes read at a time

    def new_file(self, *args: Any, **options: Any) -> NoReturn:
        raise NoFiles("This page takes no files.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


def takes_files(*, most_bytes: int) -> Callable[[View], View]:
    """For a view whose form has a file: the most that its whole body may be, the form's other fields included."""

    def mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


def most_bytes(path: str) -> tuple[int, bool]:
    """What a request for this path may bring, and whether files may be among it."""
    try:
        of_view = getattr(resolve(path).func, "most_bytes", None)
    except Resolver404:
        of_view = None
    usual: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    return (usual, False) if of_view is None else (of_view, True)


def refusal(length: str, transfer_encoding: str, path: str) -> int | None:
    """The status for a body that is not read: 413 for one too large, 411 for one that does not say how large it is.

    Browsers always say it (RFC 9110, 15.5.12 and 15.5.14), and a proxy that buffers requests says it for them.
    """
    if transfer_encoding:
        return 411
    if not length or length == "0":
        return None
    if not (length.isascii() and length.isdigit()):
        return 400
    most, _ = most_bytes(path)
    return 413 if len(length) > 18 or int(length) > most else None
