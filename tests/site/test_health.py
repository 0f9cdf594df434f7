import pytest
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


def test_it_says_that_the_process_is_up(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


def test_it_is_ready_when_both_doors_open_and_nothing_is_left_to_migrate(client: Client) -> None:
    assert client.get("/readyz").content == b"ready\nworker behind: 0 s\n"
