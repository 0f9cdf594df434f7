from collections.abc import Iterator

import pytest

from tests.faults.pair import Pair, doors, lead_to, pair


@pytest.fixture
def two(transactional_db: None) -> Iterator[Pair]:
    """A primary, where both doors lead, and its synchronous standby."""
    with pair() as made, doors():
        lead_to(made.primary)
        yield made
