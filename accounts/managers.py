"""How users are found and made."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

from accounts import handles

if TYPE_CHECKING:
    from accounts.models import User
else:
    User = Any


def normalise_email(text: str) -> str:
    """As it is stored: lower case throughout. Two people never share a mailbox that differs by case only."""
    return text.strip().lower()


class UserManager(BaseUserManager[User]):
    def by_email(self, text: str) -> User | None:
        return self.filter(email=normalise_email(text)).first()

    def by_handle(self, text: str) -> User | None:
        """The customer behind "@ada", "ada" or "ADA"."""
        return self.filter(handle=handles.normalise(text)).first()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normalise_email(username or ""))

    def create_user(self, *, email: str, full_name: str, handle: str, password: str | None = None) -> User:
        """A customer. Raises IntegrityError for an email or handle taken."""
        user: User = self.model(email=normalise_email(email), full_name=full_name, handle=handles.normalise(handle))
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_staff(self, *, email: str, full_name: str, password: str | None = None) -> User:
        """A member of staff without any right yet: rights come by group."""
        user: User = self.model(email=normalise_email(email), full_name=full_name, handle=None, is_staff=True)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, full_name: str, password: str | None = None) -> User:
        user: User = self.model(
            email=normalise_email(email), full_name=full_name, handle=None, is_staff=True, is_superuser=True
        )
        user.set_password(password)
        user.save(using=self._db)
        return user
