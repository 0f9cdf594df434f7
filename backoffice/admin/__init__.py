"""What staff see in lists and on pages, a module a subject. Django's admin finds it by the package's name."""

from backoffice.admin import books, names, people

__all__ = ["books", "names", "people"]
