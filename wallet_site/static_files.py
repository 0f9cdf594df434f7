"""A stylesheet of many files, which a browser fetches as one.

`static/css/site.css` imports a file a component, and `admin.css` the site's colours. A browser that had to fetch them
all would wait for the list first and for some fifty answers then, so in production an import is replaced by the file it
names, in the layer (CSS Cascading and Inheritance Level 5, section 6.4) and for the media that it says. It is done when
the static files are collected, by Python: nobody who develops has to build anything or to install a second tool chain.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage, MissingFileError

BUNDLES = ("css/site.css", "css/admin.css")

IMPORT = re.compile(r'^@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>[a-z]+)\)(?: (?P<media>[^;]+))?;$', re.M)
URL = re.compile(r"""url\((?P<quote>["']?)(?P<path>[^"')?#]+)(?P<rest>[^"')]*)(?P=quote)\)""")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/", re.IGNORECASE)  # a scheme, this or another host's root
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

Sources = dict[str, tuple[Storage, str]]  # by name: where collectstatic found the file, and under which path


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Collects with hashed names and compressed, like its base, after the imports of `BUNDLES` have been filled in."""

    def post_process(self, paths: Sources, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Raises MissingFileError where an import names no file, ValueError where one cannot be filled in."""
        if not dry_run:
            paths = paths | {name: self.bundle(name, paths) for name in BUNDLES}
        yield from super().post_process(paths, dry_run, **options)

    def bundle(self, name: str, paths: Sources) -> tuple[Storage, str]:
        """Writes it over the copy that was collected, and gives back where it is."""
        text = filled_in(name, paths)
        self.delete(name)
        self._save(name, ContentFile(text.encode()))
        return self, name


def filled_in(name: str, paths: Sources) -> str:
    """The stylesheet with each import replaced by the file it names.

    Raises MissingFileError where that is none of `paths`, and ValueError where an import is left: one that is written
    in another way than `@import url("…") layer(…) media;`, or stands in a file that is imported.
    """

    def part(found: re.Match[str]) -> str:
        path = posixpath.join(posixpath.dirname(name), found["path"])
        text = moved(read(path, paths, name), path, name)
        layer = f"@layer {found['layer']} {{\n{text}}}"
        return f"@media {found['media']} {{\n{layer}\n}}" if found["media"] else layer

    text = IMPORT.sub(part, read(name, paths, name))
    if "@import" in COMMENT.sub("", text):
        raise ValueError(f'{name}: an import is not of the form @import url("…") layer(…) media; or not at the top.')
    return text


def read(path: str, paths: Sources, wanted_by: str) -> str:
    if path not in paths:
        raise MissingFileError(f"{wanted_by} asks for {path}, which is not among the static files.")
    storage, local = paths[path]
    with storage.open(local) as file:
        return str(file.read().decode())


def moved(text: str, path: str, name: str) -> str:
    """A stylesheet's addresses are relative to it: what `path` calls ../../img/a.svg is ../img/a.svg in `name`."""

    def address(found: re.Match[str]) -> str:
        if ELSEWHERE.match(found["path"]):
            return found[0]
        target = posixpath.join(posixpath.dirname(path), found["path"])
        return f'url("{posixpath.relpath(target, posixpath.dirname(name))}{found["rest"]}")'

    return URL.sub(address, text)
