"""The worker's job: a statement of each month for each wallet, once the month is over where the bank is."""

from datetime import date, timedelta

from django.utils import timezone

from ledger.models import Account
from statements import making
from statements.models import MonthlyRun
from work.due import claim, finish

ACCOUNTS, MOST = 50, 100  # wallets looked at, and statements made, in one part
SECONDS = 300  # a claim's: many times what a part takes
AGAIN = timedelta(seconds=5)  # after another worker was in the way
SETTLED = timedelta(minutes=5)  # after the month: clocks differ


def make_due() -> int:
    """A small part of what is due; how many wallets were seen to. Settings name it in WORK."""
    run = _run_due()
    if run is None:
        return 0
    accounts = list(
        Account.objects.filter(pk__gt=run.done_up_to, owner__isnull=False)
        .select_related("owner")
        .order_by("pk")[:ACCOUNTS]
    )
    if not accounts:
        finish(run)
        return 1
    done = catch_up(accounts, making.month_after(run.month), run.done_up_to)
    held = MonthlyRun.objects.filter(pk=run.pk, claimed_until=run.claimed_until)
    pause = AGAIN if done == run.done_up_to else timedelta()
    held.update(claimed_until=None, next_at=timezone.now() + pause, tries=0, done_up_to=done)
    return len(accounts)


def catch_up(accounts: list[Account], today: date, done_up_to: int) -> int:
    """Oldest first, what is missing of the months before `today`; gives back the last account that lacks nothing."""
    made = 0
    for account in accounts:
        while month := making.next_month(account, today):
            if made == MOST:
                return done_up_to
            made += 1
            if making.make_monthly(account, month) is None:
                return done_up_to  # somebody else is at it: look again
        done_up_to = account.pk
    return done_up_to


def _run_due() -> MonthlyRun | None:
    _begin(timezone.localtime(timezone.now() - SETTLED).date())
    return next(iter(claim(MonthlyRun.objects.all(), most=1, seconds=SECONDS)), None)


def _begin(today: date) -> None:
    """Writes down, once, that the last month's statements are due."""
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    if not MonthlyRun.objects.filter(month=month).exists():
        MonthlyRun.objects.bulk_create([MonthlyRun(month=month)], ignore_conflicts=True)
