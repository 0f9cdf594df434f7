"""Who passes for the bank is refused; who only might be is let in, and looked at."""

import pytest

from accounts.people import bank_names, handles, lookalikes
from accounts.people.bank_names import Verdict

SITE = "Twofold"

PASSES = """
Twofold|TWOFOLD|TwoFold Bank|Twofold  Support|T w o f o l d|T.w.o.f.o.l.d|Two-fold|Two Fold|Twofold’s Ada|Ada Twofold
Twofold24|Twof0ld|GoTwofold|TwofoldSupport|Twøfołđ|Twoƒold|Tvvofold|Twofolcl|Тԝоғоӏԁ|ТԜОҒОӀԀ|ТѠОҒОІԀ|Τωοφολδ|ꓔꓪꓳꓝꓳꓡꓓ|ᎢᎳofold
Twof口ld|丅wofo丨d|Support|Support Team|SupportTeam|Support 24/7|Support X|Supp0rt|Ѕuррогт|Ѕυρροгτ|Securîty Team|Customer Care
Customer Service|Help Desk|Fraud Department|Official Support|Bank|The Bank|Wallet|The Wallet|Billing|Staff|Bank transfer
Bank_Transfer|Administrator|Compliance|Verified|Bank Security|Account Recovery
"""
MIGHT = """
John Staff|Anna Billing|Peter Wallet|Bank Team|Melissa Bank|Jo Money|Sales Trust|Robert Service|Anna Support|Fraud Anna
Ada (Support)|Twofald Ada|Twofodl|Ada Supporter|Legal Eze
"""
FINE = """
Ada Lovelace|Grace Hopper|Tyra Banks|Bankole Ade|Aimé Forand|Иван Петров|Сара|李小龙|Ng|Paul Admiral|Blossom Bakery|X Æ A-12
Sam Fold|Two Moons|علی‌رضا|Γιώργος Παπαδόπουλος
"""


def each(table: str) -> list[str]:
    return [name for line in table.strip().splitlines() for name in line.split("|")]


@pytest.mark.parametrize("name", each(PASSES))
def test_a_name_that_is_the_banks(name: str) -> None:
    assert bank_names.of_name(name, SITE) is Verdict.PASSES


@pytest.mark.parametrize("name", each(MIGHT))
def test_a_name_that_might_be(name: str) -> None:
    assert bank_names.of_name(name, SITE) is Verdict.MIGHT


@pytest.mark.parametrize("name", each(FINE))
def test_a_name_that_is_somebodys(name: str) -> None:
    assert bank_names.of_name(name, SITE) is Verdict.FINE


KEPT = """
    support_x x_support supportx my_twofold_x twofold1 tw0fold t_w_o_f_o_l_d twof_old mytwofold twofolcl official_ada ada_official
    0fficial_ada supp0rt24 5upport security_ada adm1n bank bank1 my_bank bank_team the_wallet billing 5taff banksupport fraud_dept
    fraud1desk supp0rt2024 fr4ud2024 helpdesk_1 customer_care www root
"""


@pytest.mark.parametrize("handle", KEPT.split())
def test_a_handle_that_is_the_banks(handle: str) -> None:
    assert handles.is_reserved(handle, SITE)


MIGHT_BE = "anna_billing john_staff j_bank wallet_ann twofald money_jo supportive_jo"


@pytest.mark.parametrize("handle", MIGHT_BE.split())
def test_a_handle_that_might_be(handle: str) -> None:
    assert not handles.is_reserved(handle, SITE)
    assert bank_names.of_handle(handle, SITE) is Verdict.MIGHT


SOMEBODYS = "ada ada_l a23 grace bankole banks paul admiral forand my_app twomoons o0o"


@pytest.mark.parametrize("handle", SOMEBODYS.split())
def test_a_handle_that_is_somebodys(handle: str) -> None:
    assert not handles.is_reserved(handle, SITE)
    assert bank_names.of_handle(handle, SITE) is Verdict.FINE


@pytest.mark.parametrize(
    ("site", "name", "verdict"),
    [
        # A bank that is called like people: they may go on being called so.
        ("Harbour Bank", "Harbour Bank", Verdict.PASSES),
        ("Harbour Bank", "Harbour", Verdict.PASSES),
        ("Harbour Bank", "Harbour Support", Verdict.PASSES),
        ("Harbour Bank", "John Harbour", Verdict.MIGHT),
        ("Smith & Jones, Inc.", "Smith and Jones", Verdict.PASSES),
        ("Smith and Jones", "Smith & Jones", Verdict.PASSES),
        ("Smith & Jones, Inc.", "Smith Jones", Verdict.PASSES),
        ("Smith & Jones, Inc.", "Ann Smith", Verdict.FINE),
        ("Ada", "Adam Adamson", Verdict.FINE),
        ("Marin", "Marina Marinova", Verdict.FINE),
        ("Bank", "Melissa Bank", Verdict.MIGHT),
        ("Ñandú", "Nandu Team", Verdict.PASSES),
        ("", "Ada Lovelace", Verdict.FINE),
        ("🏦", "Ada Lovelace", Verdict.FINE),
    ],
)
def test_whatever_the_bank_is_called(site: str, name: str, verdict: Verdict) -> None:
    assert bank_names.of_name(name, site) is verdict


@pytest.mark.parametrize(
    "text", ["ᴛᴡᴏғᴏʟᴅ", "𝐓𝐰𝐨𝐟𝐨𝐥𝐝", "Ⓣⓦⓞⓕⓞⓛⓓ", "Ｔｗｏｆｏｌｄ", "Tw๐fo1d", "T\u0336w\u200bofold", "тѡоғоӏԁ"]
)
def test_what_the_eye_takes_for_one_has_one_skeleton(text: str) -> None:
    assert lookalikes.skeleton(text) == "twofold"


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        *(("twofold", "twofald", True), ("twofold", "twofod", True), ("twofold", "twoffold", True)),
        *(("twofold", "twfoold", True), ("twofold", "twofoldx", True), ("twofold", "twofold", False)),
        *(("twofold", "twafald", False), ("twofold", "twofoldxx", False), ("", "x", True)),
    ],
)
def test_one_letter_off(one: str, other: str, differ: bool) -> None:
    assert lookalikes.differ_by_one(one, other) is differ
    assert lookalikes.differ_by_one(other, one) is differ
