"""What staff see in lists and on pages, a module a subject. Django's admin finds it by the package's name."""

from backoffice.admin import books, letters, names, people

__all__ = ["books", "letters", "names", "people"]
