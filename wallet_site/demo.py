"""Who lives in the demo and what they have done. Plain data: `manage.py demo` writes it, `make run` prints it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from operator import attrgetter
from typing import NamedTuple

NAMESPACE = uuid.UUID("0c3f7c57-90a8-4d0e-bb5e-6a1e1b3f2d94")
PASSWORD = "paper lanterns at noon"


@dataclass(frozen=True)
class SignIn:
    """What a visitor needs to be this person, beside a code from `python manage.py totp EMAIL`. No PINs: staff."""

    full_name: str
    email: str
    handle: str = ""
    view_pin: str = ""
    payment_pin: str = ""
    password: str = PASSWORD

    @property
    def is_staff(self) -> bool:
        return not self.handle


SIGN_INS = [
    SignIn("Ada Lovelace", "ada@example.com", "ada", "4071", "830517"),
    SignIn("Grace Hopper", "grace@example.com", "grace", "5926", "614093"),
    SignIn("Augusta Wright", "auditor@example.com"),
]


@dataclass(frozen=True)
class Neighbour:
    """Somebody to pay and be paid by. They can receive money, but nobody can sign in as them."""

    full_name: str
    handle: str

    @property
    def email(self) -> str:
        return f"{self.handle}@example.com"


NEIGHBOURS = [
    Neighbour("Blossom Bakery", "blossom"),
    Neighbour("Marlow Lettings", "marlow"),
    Neighbour("Noor Haddad", "noor"),
]


class Movement(NamedTuple):
    """One transfer of the history. `payer` is a handle, or a bank's own account; `amount` is in minor units."""

    days_ago: int
    at: str
    payer: str
    payee: str
    amount: int
    memo: str
    kind: str = "payment"

    @property
    def id(self) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, f"{self.days_ago} {self.at} {self.payer} {self.payee}")

    def when(self, now: datetime) -> datetime:
        """In the time zone of `now`. Always before it: the last movement is of yesterday."""
        return datetime.combine(now.date() - timedelta(days=self.days_ago), time.fromisoformat(self.at), now.tzinfo)


HISTORY = sorted(
    [
        Movement(172, "09:02", "settlement", "ada", 1_240_00, "From my old bank", "deposit"),
        Movement(172, "17:40", "settlement", "grace", 1_875_50, "First deposit", "deposit"),
        Movement(171, "12:11", "settlement", "noor", 640_00, "First deposit", "deposit"),
        Movement(156, "07:30", "settlement", "ada", 2_780_00, "Salary, Analytical Engines", "salary"),
        Movement(156, "07:31", "settlement", "grace", 3_105_00, "Salary, Harbour Computing", "salary"),
        Movement(155, "08:05", "ada", "marlow", 2_300_00, "Deposit for 12 Mill Lane"),
        Movement(155, "08:20", "grace", "ada", 1_150_00, "Deposit, my half"),
        Movement(154, "08:05", "ada", "marlow", 1_150_00, "Rent, 12 Mill Lane"),
        Movement(154, "08:20", "grace", "ada", 575_00, "Rent, my half"),
        Movement(147, "08:46", "ada", "blossom", 6_40, "Two coffees and a rye loaf"),
        Movement(143, "20:12", "grace", "ada", 18_90, "Pizza"),
        Movement(138, "18:25", "ada", "grace", 52_30, "Gas, my half"),
        Movement(133, "16:02", "noor", "ada", 40_00, "Piano lesson"),
        Movement(128, "07:30", "settlement", "ada", 2_780_00, "Salary, Analytical Engines", "salary"),
        Movement(128, "07:31", "settlement", "grace", 3_105_00, "Salary, Harbour Computing", "salary"),
        Movement(127, "08:05", "ada", "marlow", 1_150_00, "Rent, 12 Mill Lane"),
        Movement(127, "08:20", "grace", "ada", 575_00, "Rent, my half"),
        Movement(125, "11:30", "ada", "noor", 1_450_00, "Piano, second hand"),
        Movement(121, "10:05", "ada", "blossom", 12_60, "Apricot tart"),
        Movement(117, "19:18", "grace", "noor", 320_00, "Sailing course"),
        Movement(112, "22:41", "ada", "grace", 61_75, "Cinema and dinner"),
        Movement(106, "16:05", "noor", "ada", 40_00, "Piano lesson"),
        Movement(100, "07:30", "settlement", "ada", 2_780_00, "Salary, Analytical Engines", "salary"),
        Movement(100, "07:31", "settlement", "grace", 3_105_00, "Salary, Harbour Computing", "salary"),
        Movement(99, "08:05", "ada", "marlow", 1_150_00, "Rent, 12 Mill Lane"),
        Movement(99, "08:20", "grace", "ada", 575_00, "Rent, my half"),
        Movement(97, "12:54", "ada", "grace", 1_180_00, "Summer holiday, my half"),
        Movement(94, "09:10", "grace", "blossom", 21_50, "Picnic"),
        Movement(90, "08:49", "ada", "blossom", 3_20, "Coffee"),
        Movement(85, "17:33", "ada", "noor", 240_00, "Bicycle"),
        Movement(79, "20:20", "grace", "ada", 33_10, "Groceries, my half"),
        Movement(72, "07:30", "settlement", "ada", 2_780_00, "Salary, Analytical Engines", "salary"),
        Movement(72, "07:31", "settlement", "grace", 3_105_00, "Salary, Harbour Computing", "salary"),
        Movement(71, "08:05", "ada", "marlow", 1_150_00, "Rent, 12 Mill Lane"),
        Movement(71, "08:20", "grace", "ada", 575_00, "Rent, my half"),
        Movement(69, "09:00", "ada", "blossom", 8_90, "Bread, butter, jam"),
        Movement(66, "13:27", "ada", "noor", 980_00, "Bookshelves, made to measure"),
        Movement(60, "16:50", "grace", "noor", 145_00, "Sail repair"),
        Movement(58, "18:20", "ada", "grace", 44_20, "Electricity, my half"),
        Movement(54, "08:43", "ada", "blossom", 6_40, "Two coffees and a rye loaf"),
        Movement(50, "21:02", "noor", "ada", 27_50, "Theatre ticket"),
        Movement(44, "07:30", "settlement", "ada", 2_780_00, "Salary, Analytical Engines", "salary"),
        Movement(44, "07:31", "settlement", "grace", 3_105_00, "Salary, Harbour Computing", "salary"),
        Movement(43, "08:05", "ada", "marlow", 1_150_00, "Rent, 12 Mill Lane"),
        Movement(43, "08:20", "grace", "ada", 575_00, "Rent, my half"),
        Movement(42, "08:47", "ada", "blossom", 6_40, "Two coffees and a rye loaf"),
        Movement(40, "19:32", "grace", "ada", 23_75, "Dinner at Rosa’s"),
        Movement(39, "08:51", "ada", "blossom", 3_20, "Coffee"),
        Movement(37, "13:05", "ada", "noor", 18_00, "Birthday present for Sam"),
        Movement(35, "09:12", "grace", "blossom", 11_80, "Sunday breakfast"),
        Movement(34, "18:22", "ada", "grace", 42_60, "Electricity, my half"),
        Movement(32, "08:44", "ada", "blossom", 3_20, "Coffee"),
        Movement(30, "21:15", "noor", "ada", 31_20, "Train to the coast"),
        Movement(28, "09:03", "ada", "blossom", 8_90, "Bread, butter, jam"),
        Movement(27, "16:48", "grace", "noor", 55_00, "Bicycle repair"),
        Movement(25, "20:10", "ada", "grace", 48_00, "Concert tickets"),
        Movement(23, "08:39", "grace", "blossom", 4_50, "Tea and a bun"),
        Movement(21, "10:26", "ada", "blossom", 27_00, "Cake for the office"),
        Movement(18, "19:54", "grace", "ada", 16_45, "Pizza"),
        Movement(16, "07:30", "settlement", "ada", 2_780_00, "Salary, Analytical Engines", "salary"),
        Movement(16, "07:31", "settlement", "grace", 3_105_00, "Salary, Harbour Computing", "salary"),
        Movement(15, "08:05", "ada", "marlow", 1_150_00, "Rent, 12 Mill Lane"),
        Movement(15, "09:45", "grace", "ada", 575_00, "Rent, my half"),
        Movement(14, "08:52", "ada", "blossom", 3_20, "Coffee"),
        Movement(12, "18:31", "ada", "grace", 38_15, "Electricity, my half"),
        Movement(11, "12:40", "noor", "grace", 12_00, "Lunch"),
        Movement(9, "09:20", "grace", "blossom", 9_60, "Croissants for four"),
        Movement(8, "17:05", "ada", "noor", 65_00, "Ceramics course"),
        Movement(6, "08:48", "ada", "blossom", 6_40, "Two coffees and a rye loaf"),
        Movement(5, "20:37", "grace", "ada", 29_30, "Groceries, my half"),
        Movement(3, "13:18", "ada", "grace", 14_00, "Cinema"),
        Movement(2, "08:45", "ada", "blossom", 3_20, "Coffee"),
        Movement(1, "09:06", "grace", "blossom", 5_10, "Rye loaf"),
        Movement(1, "18:55", "noor", "ada", 22_50, "Taxi home"),
    ],
    key=attrgetter("at"),
)
HISTORY.sort(key=attrgetter("days_ago"), reverse=True)
