"""Full names: real ones of many scripts are accepted as they are, what deceives the eye is refused with a reason."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError

from accounts.people import names

REAL = """
Ada Lovelace|Jean-Luc Picard|Sinéad O'Connor|Jeanne d’Arc|Martin Luther King, Jr.|Gabriel García López|Ng|D. J. Smith
Søren Sørensen|Nguyễn Thị Minh Khai|Thích Nhất Hạnh|Đặng Tiểu Bình|Łukasz Żuławski|Ł|Kaʻiulani|ʻOkina Kealoha
Gal·la Placídia|İbrahim Işık|Şeyma Çelik|Straße|Þórður Guðmundsson|Əliyev|Ŋaliŋ|Ɓaɓa Ɗan|Ɛsi Ɔwusu|Ọláyínká Adéṣínà
Ọ̀ṣun Ẹ̀kọ́|Tân Bao͘|’t Hooft|Zoë Müller-Lüdenscheidt|Ľubomír Žižek|Ruđer Bošković|Ravi s/o Raman|Smith & Sons
X Æ A-12|Лев Толстой|Иван Петров|Артём Ёлкин|Ґалаґан Їжак|Ђорђевић Љубо|Қазақбай Өмірбек|Сара
Ελένη Papadaki|Γιώργος Παπαδόπουλος|Ἀριστοτέλης|Αΐδα|Հայկ Պետրոսյան|გიორგი ბერიძე
محمد علي|مُحَمَّد|فاطمة الزهراء|علی‌رضا|مهدی‌زاده|د. محمد|ډاکټر احمد|דוד בן־גוריון|שָׂרָה|יִשְׂרָאֵל|צה״ל כהן
नरेन्द्र मोदी|शर्‍मा|क्‍षिति|রবীন্দ্রনাথ ঠাকুর|র‍্যাচেল|ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ|નરેન્દ્ર મોદી|தமிழ்ச்செல்வன்|శ్రీనివాస్|రాజ్‌కుమార్
ಕೃಷ್ಣಮೂರ್ತಿ|ರ‍್ಯಾಂಡ್|ശ്രീധരൻ|നന്ദന്‍|ശ്രീ|ශ්‍රී|ක්‍රිෂ්ණ ප්‍රියන්ත|พีรพัฒน์ น้ำใจ|ปุ๊ เก่ง|ສົມຈິດ|ខ្ញុំ សុខា|ស្រ្តី
အောင်ဆန်းစုကြည်|ကြောင့်|བསྟན་འཛིན་རྒྱ་མཚོ|ኃይለ ሥላሴ|አበበ በቂላ|ދިވެހި|ܐܪܡ
李小龙|李小龍|山田 太郎|さとう はなこ|マリー・キュリー|佐々木 健|김철수|Jackie 成龙|ㄅㄆ
ᏣᎳᎩ|ⵎⵓⵃⴰ|ߒߞߏ|𞤀𞤣𞤤𞤢𞤥|ꦗꦮ|ꓡꓲꓢꓴ
"""
EVERY_NAME = [name for line in REAL.strip().splitlines() for name in line.split("|")]

DECEIVERS = {
    "invisible": [
        *("Ada\u3164", "\u3164\u3164", "A\u115fda", "A\uffa0da", "\u2800\u2800 A", "Ada\ufe0f", "A\u00adda"),
        *("Ada\U000e0041", "Ad\u200ba", "A\u200dda", "A\u200cda", "A\u202eda", "\u200eAda", "A\u2066da", "A\ufeffda"),
        *("A\u034fda", "A\u180eda", "ក\u17b4", "A\ue000da", "A\u0378", "A\x07", "A\0", "A\ud800"),
        # Joiners where no language has them: twice, before a vowel sign, between Latin letters.
        *("ශ්\u200d\u200dරී", "क\u200dा", "क्\u200dा", "क्\u200d्\u200d्", "م\u200dح", "\u200dശ"),
    ],
    "sign": [
        *("Ada ✓", "Ada ☑", "Ada✔", "Ada 🛡", "Ada ⭐", "Ada®", "Ada™", "Ada ©", "Ⓣwofold", "🅰da", "🇩🇪 Ada", "😀" * 50),
        *("Twofo|d", "@ada", "<b>Ada</b>", '"Ada"', "Ada_L", "Ada (verified)", "Ada !", "Ada ˅"),
    ],
    "special": [
        "ᴛwofold",
        "𝐓wofold",
        "ﬁona",
        "Ａda",
        "Adaᵀᴹ",
        "Mª",
        "ǃAda",
        "ʟee",
        "ɑda",
        "ﷲ",
        "ﾔﾏﾀﾞ",
        "ㄱㄴ",
        "محـــمد",
        "ѡ",
    ],
    "digits": ["Tw๐fold", "Ali ٣", "Henry Ⅳ", "Ada ½", "Tw〇fold"],
    "script": ["ᚨᛞᚨ", "𐌰𐌳", "𐐀𐐁", "𓀀𓀁"],
    "mark": ["T\u0336wofold", "A\u20ddda", "T\u0332wo", "A\u0305da", "Z\u0321"],
    "alone": ["\u0301Ada", "Ada \u0301L", "12\u0301 Ada", "-\u0301Ada"],
    "stacked": [
        "Z\u0300\u0301\u0302algo",
        "Z\u0300\u0300algo",
        "ก\u0e47\u0e47\u0e47",
        "ก\u0e48\u0e49\u0e4a",
        "ש\u05b0\u05b1\u05b2\u05b3",
        "က" + "\u102c\u1031" * 4,
    ],
    "mixed": ["Тwofold", "Αda", "Tw\u043efold", "ꮃda", "Twofoldก", "Адa", "Λda", "Aդa"],
    "signs": ["Ada ....", "Ada -'-", "Adaʼʼʼʼ"],
    "letters": ["12 34", "- - '", "ʼʼʼ", "   ", "..", "7"],
    "too_long": ["x" * 101, "x" * 100_000, "e\u0301" * 101, "e\u0301" * 10_000],
}


def why(name: str) -> str:
    with pytest.raises(ValidationError) as refusal:
        names.clean(name)
    return str(refusal.value.code)


@pytest.mark.parametrize("name", EVERY_NAME)
def test_people_are_called_this(name: str) -> None:
    assert names.clean(name) == unicodedata.normalize("NFC", name)


def test_these_are_many_people_of_many_scripts() -> None:
    assert len(set(EVERY_NAME)) > 100


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, each in DECEIVERS.items() for name in each])
def test_nobody_is_called_this(code: str, name: str) -> None:
    assert why(name) == code


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Ada \u00a0 Lovelace\n", "Ada Lovelace"),
        ("山田\u3000太郎", "山田 太郎"),
        ("Zoe\u0308", "Zoë"),
        ("Jean\u2011Luc", "Jean-Luc"),
        ("D´Angelo", "D'Angelo"),
        ("Gaŀla", "Gal·la"),
        ("Ĳsbrand", "IJsbrand"),
        # A non-joiner after a letter that joins nothing is not seen, and not kept.
        ("زهرا\u200cسادات", "زهراسادات"),
        ("ശ്രീ\u200cകുമാർ", "ശ്രീകുമാർ"),
    ],
)
def test_it_is_stored_in_one_way(typed: str, stored: str) -> None:
    assert names.clean(typed) == stored


def test_it_is_composed_before_it_is_counted() -> None:
    """A phone that sends each é as two characters may send a hundred of them."""
    assert names.clean("e\u0301" * 100) == "é" * 100
    with pytest.raises(ValidationError, match="has 104 characters; at most 100 fit"):
        names.clean("e\u0301" * 104)


def test_what_is_far_too_long_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_plain", None)
    with pytest.raises(ValidationError, match="far longer than the 100 characters"):
        names.clean("e\u0301" * 100_000)
