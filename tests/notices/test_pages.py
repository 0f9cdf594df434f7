"""The notices on the site: a list, the bell, and what one is told about."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from notices import delivery, outbox
from notices.models import CHOSEN, Channel, Kind, Letter, Notice, Preference
from tests import people
from tests.notices.telling import EXAMPLES, deliver
from tests.people import make_staff

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


def tell(user: User, times: int = 1) -> None:
    for number in range(times):
        outbox.tell(user.id, Kind.MONEY_IN, **(EXAMPLES[Kind.MONEY_IN] | {"amount": 100 + number}))
    delivery.hand_out()


def bell(client: Client) -> str:
    html = client.get("/settings/").content.decode()
    return html.partition('<span class="bell__count">')[2].partition("<")[0]


def test_an_empty_list_says_what_it_is_for(as_ada: Client) -> None:
    html = as_ada.get("/notices/").content.decode()
    assert "Nothing yet" in html and "Mark all as read" not in html and bell(as_ada) == ""


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_listed_with_a_way_on(kind: Kind, as_ada: Client, ada: User) -> None:
    outbox.tell(ada.id, kind, **EXAMPLES[kind])
    deliver()
    notice = Notice.objects.get()
    assert f"/notices/{notice.id}/" in as_ada.get("/notices/").content.decode()
    assert as_ada.get(f"/notices/{notice.id}/")["Location"].startswith("/")


def test_a_name_is_text_on_the_page(as_ada: Client, ada: User) -> None:
    outbox.tell(ada.id, Kind.MONEY_IN, amount=1, currency="EUR", name="<b>Bob</b>")
    deliver()
    assert "&lt;b&gt;Bob" in as_ada.get("/notices/").content.decode()


def test_opening_one_marks_it_read_and_the_bell_counts_the_others(as_ada: Client, ada: User) -> None:
    tell(ada, 3)
    assert bell(as_ada) == "3"
    first = Notice.objects.first()
    assert first
    as_ada.head(f"/notices/{first.id}/")
    assert bell(as_ada) == "3"
    assert as_ada.get(f"/notices/{first.id}/")["Location"] == f"/activity/{first.about}/"
    assert bell(as_ada) == "2"


def test_marking_all_as_read_leaves_what_came_after_the_page(as_ada: Client, ada: User) -> None:
    tell(ada, 3)
    newest = Notice.objects.latest("at")
    assert f'value="{newest.id}"' in as_ada.get("/notices/").content.decode()
    tell(ada)
    assert as_ada.post("/notices/read/", {"until": str(newest.id)})["Location"] == "/notices/"
    assert bell(as_ada) == "1"


def test_more_than_a_hundred_are_not_counted(as_ada: Client, ada: User) -> None:
    tell(ada, 130)
    with CaptureQueriesContext(connection) as asked:
        assert bell(as_ada) == "99+"
    (counting,) = [query["sql"] for query in asked if "notices_notice" in query["sql"]]
    assert "LIMIT 100" in counting


def test_the_pages_go_on_by_key(as_ada: Client, ada: User) -> None:
    tell(ada, 45)
    Notice.objects.update(at=Notice.objects.latest("at").at)  # all at one moment: the id decides
    seen: list[str] = []
    address, pages = "/notices/", 0
    while address:
        page = as_ada.get(address)
        pages += 1
        seen += [str(notice.id) for notice in page.context["notices"]]
        address = f"/notices/?before={page.context['older']}" if page.context["older"] else ""
    assert pages == 3 and len(seen) == len(set(seen)) == 45


@pytest.mark.parametrize("before", ["", "x", "0", str(uuid.UUID(int=7)), "1; DROP TABLE"])
def test_what_is_no_notice_of_ones_own_is_not_found(as_ada: Client, before: str) -> None:
    assert as_ada.get("/notices/", {"before": before}).status_code == 404
    assert as_ada.post("/notices/read/", {"until": before}).status_code == 404


def test_somebody_elses_are_not_found(as_ada: Client, grace: User) -> None:
    tell(grace)
    notice = Notice.objects.get()
    assert as_ada.get(f"/notices/{notice.id}/").status_code == 404
    assert as_ada.get("/notices/", {"before": str(notice.id)}).status_code == 404
    assert as_ada.post("/notices/read/", {"until": str(notice.id)}).status_code == 404
    assert Notice.objects.unread().count() == 1


def test_what_is_unticked_is_silent_and_ticked_again_is_told(as_ada: Client, ada: User) -> None:
    everything = {f"{kind}_{channel}": "on" for kind in CHOSEN for channel in Channel}
    html = as_ada.get("/settings/notices/").content.decode()
    assert html.count(" checked") == len(everything)
    less = {name: value for name, value in everything.items() if name != "money_in_mail"}
    assert as_ada.post("/settings/notices/", less)["Location"] == "/settings/notices/"
    assert list(Preference.objects.silenced().values_list("kind", "channel")) == [("money_in", "mail")]
    assert as_ada.get("/settings/notices/").content.decode().count(" checked") == len(everything) - 1
    tell(ada)
    assert Notice.objects.count() == 1 and Letter.objects.count() == 0
    as_ada.post("/settings/notices/", everything)
    tell(ada)
    assert Letter.objects.count() == 1


def test_security_is_no_question_and_cannot_be_posted(as_ada: Client, ada: User) -> None:
    form = {"locked_mail": "", "secret_changed_site": ""}
    as_ada.post("/settings/notices/", form)
    assert not Preference.objects.filter(kind__in=["locked", "secret_changed"]).exists()
    html = as_ada.get("/settings/notices/").content.decode()
    assert "you are always told" in html and 'name="locked' not in html


def test_a_tick_sent_twice_is_told_beside_it(as_ada: Client) -> None:
    page = as_ada.post("/settings/notices/", {"money_in_site": ["on", "on"]})
    assert page.status_code == 200 and "sent more than once" in page.content.decode()


def test_staff_see_the_lag_and_what_was_given_up_but_not_what_it_said(ada: User, grace: User) -> None:
    tell(ada, 2)
    letter = Letter.objects.first()
    assert letter
    Letter.objects.filter(pk=letter.pk).update(next_at=None, gave_up_at=letter.at, why="550 no such mailbox")
    from django.apps import apps

    from backoffice.roles import AUDITORS, make_groups

    make_groups(apps.get_app_config("payments"), "default")
    auditor = people.sign_in(make_staff("auditor@example.com", [AUDITORS]))
    assert "The worker keeps up" in auditor.get("/admin/").content.decode()
    listed = auditor.get("/admin/notices/letter/").content.decode()
    assert listed.count("550 no such mailbox") == 1 and "1 letter" in listed
    assert "Grace Hopper" not in auditor.get(f"/admin/notices/letter/{letter.pk}/change/").content.decode()
