"""How users are found and made."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

from accounts import emails, handles

if TYPE_CHECKING:
    from accounts.models import User
else:
    User = Any


class UserManager(BaseUserManager[User]):
    def by_email(self, text: str) -> User | None:
        """Whose mailbox it is, in whichever way the address is written."""
        return self.filter(email=emails.normalise(text)).first()

    def by_handle(self, text: str) -> User | None:
        """The customer behind "@ada", "ada" or "ADA"."""
        return self.filter(handle=handles.normalise(text)).first()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=emails.normalise(username or ""))

    def create_user(self, *, email: str, full_name: str, handle: str, password: str | None = None) -> User:
        """A customer. Raises IntegrityError for an email or handle taken, ValidationError for what is no email."""
        user: User = self.model(email=emails.clean(email), full_name=full_name, handle=handles.normalise(handle))
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_staff(self, *, email: str, full_name: str, password: str | None = None) -> User:
        """A member of staff without any right yet: rights come by group."""
        user: User = self.model(email=emails.clean(email), full_name=full_name, handle=None, is_staff=True)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, full_name: str, password: str | None = None) -> User:
        user: User = self.model(
            email=emails.clean(email), full_name=full_name, handle=None, is_staff=True, is_superuser=True
        )
        user.set_password(password)
        user.save(using=self._db)
        return user
