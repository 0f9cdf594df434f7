"""How users are found and made."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.core.exceptions import ValidationError

from accounts import emails, handles
from inputs import text as typed

LONGEST_TYPED = 1016  # characters of an email address or a handle, with what a copy brings along

if TYPE_CHECKING:
    from accounts.models import User
else:
    User = Any


def refuse_control(text: str) -> None:
    """Raises ValidationError: no name has control characters."""
    if typed.has_control(text):
        raise ValidationError("A name cannot have control characters.")


class UserManager(BaseUserManager[User]):
    def by_email(self, text: str) -> User | None:
        """Whose mailbox it is, in whichever way the address is written."""
        return self.filter(email=emails.normalise(text)).first() if len(text) <= LONGEST_TYPED else None

    def by_handle(self, text: str) -> User | None:
        """The customer behind "@ada", "ada" or "ADA"."""
        return self.filter(handle=handles.normalise(text)).first() if len(text) <= LONGEST_TYPED else None

    def get_by_natural_key(self, username: str | None) -> User:
        user = self.by_email(username or "")
        if user is None:
            raise self.model.DoesNotExist
        return user

    def create_user(self, *, email: str, full_name: str, handle: str, password: str | None = None) -> User:
        """A customer. Raises IntegrityError for an email or handle taken, ValidationError for no email or no name."""
        refuse_control(full_name)
        user: User = self.model(email=emails.clean(email), full_name=full_name, handle=handles.normalise(handle))
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_staff(self, *, email: str, full_name: str, password: str | None = None) -> User:
        """A member of staff without any right yet: rights come by group. Raises ValidationError."""
        refuse_control(full_name)
        user: User = self.model(email=emails.clean(email), full_name=full_name, handle=None, is_staff=True)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, full_name: str, password: str | None = None) -> User:
        refuse_control(full_name)
        user: User = self.model(
            email=emails.clean(email), full_name=full_name, handle=None, is_staff=True, is_superuser=True
        )
        user.set_password(password)
        user.save(using=self._db)
        return user
