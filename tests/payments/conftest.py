import pytest
from django.test import Client

from accounts.models import User
from tests.payments import people


@pytest.fixture
def ada() -> User:
    return people.make_customer("ada", "Ada Lovelace")


@pytest.fixture
def grace() -> User:
    return people.make_customer("grace", "Grace Hopper")


@pytest.fixture
def charlie() -> User:
    return people.make_customer("charlie", "Charlie Babbage")


@pytest.fixture
def as_ada(ada: User) -> Client:
    return people.sign_in(ada)


@pytest.fixture
def as_grace(grace: User) -> Client:
    return people.sign_in(grace)
