"""The walk past every page, for whoever wants to look at them all: the tests, and the pictures of `make shots`.

Each of the walks starts in a fresh browser window and needs nothing of the others; all need a demo site.
"""

from tests.driver.walks.customer import customer
from tests.driver.walks.newcomer import newcomer
from tests.driver.walks.public import public_pages
from tests.driver.walks.staff import staff

WALKS = [public_pages, newcomer, customer, staff]
