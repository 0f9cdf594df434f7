import re

import pytest
from django.db import connections, transaction

from ledger.queue import LANES
from ledger.sql import read
from tests.ledger.books import BOTH

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

OURS = """
SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'ledger%%'
UNION ALL SELECT 'function', proname FROM pg_proc WHERE proname LIKE 'ledger%%'
UNION ALL SELECT 'lane', relname FROM pg_class WHERE relname LIKE 'ledger_lane_%%' AND relkind = 'r'
ORDER BY 1, 2"""


def test_the_rules_and_lanes_go_and_come_back() -> None:
    with connections["default"].cursor() as cursor, transaction.atomic():
        cursor.execute(OURS, [])
        before = cursor.fetchall()
        cursor.execute(read("0003_lanes_reverse"))
        cursor.execute(read("0002_rules_reverse"))
        cursor.execute(OURS, [])
        assert cursor.fetchall() == [("function", "ledger_fingerprint")]
        cursor.execute(read("0002_rules"))
        cursor.execute(read("0003_lanes"))
        cursor.execute(OURS, [])
        assert cursor.fetchall() == before


def test_there_are_as_many_lanes_as_the_queue_thinks() -> None:
    lanes = re.findall(r"^CREATE TABLE ledger_lane_(\d+) \(\);$", read("0003_lanes"), re.MULTILINE)
    assert lanes == [str(lane) for lane in range(LANES)]
