"""Takes out of a log line what opens a door or names a person: the one place that knows what such things look like.

Every handler runs every line through it (`wallet_site.logs`), whoever wrote it, so that nothing depends on the care of
each library. Too much is taken out rather than too little: a long random word is a token unless it is a UUID.
(OWASP ASVS 5, 14.2.1 and 16.2.5; OWASP Logging Cheat Sheet, "Data to exclude".)
"""

import re
from collections.abc import Mapping
from typing import Any

CUT = "…"
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SECRET_NAMES = (
    "password|passwd|pwd|passphrase|secret|token|api_?key|csrfmiddlewaretoken|x-csrftoken|sealed_seed|seed|session_key"
)
FILE_ENDS = r"\.(?:py|pyc|so|html|txt|css|js|svg|png|ico|json)\b"  # a traceback is of no use without its files
# What PostgreSQL says after this repeats the row, until a line that is not part of it.
ROW_ENDS = (
    r"(?=\n(?:HINT|CONTEXT|QUERY|LOCATION|STATEMENT|LINE)\b|\n\s{0,8}(?:Traceback|File |During handling|The above)|\Z)"
)

# In this order: from whole constructs to single words.
RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, flags), replacement)
    for pattern, flags, replacement in (
        # A header with a credential, to the end of its line.
        (r"\b((?:set-)?cookie|(?:proxy-)?authorization)(['\"]?\s*[:=]\s*)\S.*", re.IGNORECASE, rf"\1\2{CUT}"),
        (r"\b(bearer|basic|digest)\s+[\w+/=.~-]{8,}", re.IGNORECASE, rf"\1 {CUT}"),
        (rf"(DETAIL:\s).*?{ROW_ENDS}", re.DOTALL, rf"\1{CUT}"),
        (r"(parameter \$\d+ = ).*", 0, rf"\1{CUT}"),
        # otpauth://totp/… holds the seed.
        (r"otpauth(?:-migration)?:\S*", re.IGNORECASE, f"otpauth:{CUT}"),
        # scheme://user:password@host
        (r"(?<=://)[^\s'\"<>@]{0,512}@", 0, f"{CUT}@"),
        # name=value, "name": "value", --name value
        (
            rf"({SECRET_NAMES})(['\"]?\s*(?:[:=]|\s(?==))\s*)(?:'[^']*'|\"[^\"]*\"|[^\s,;&)}}\]]+)",
            re.IGNORECASE,
            rf"\1\2{CUT}",
        ),
        (r"\b((?:\w*_)?(?:pin|code))(['\"]?\s*[:=]\s*)['\"]?[0-9A-Z-]{4,19}\b['\"]?", re.IGNORECASE, rf"\1\2{CUT}"),
        (r"\b((?:__Host-)?(?:session|csrf|device|messages)=)[^\s;,'\"]+", 0, rf"\1{CUT}"),
        # What follows the question mark of an address may name a person.
        (r"(?<=[\w/])\?[^\s'\"<>]+", 0, f"?{CUT}"),
        # A part of a path that is as long as a token, whatever it is made of.
        (rf"(?<=/)(?!{UUID}(?:[/\s'\"?#:,)]|\Z))[\w%~=+:-]{{20,}}+(?!{FILE_ENDS})", 0, CUT),
        (r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{20,}", 0, CUT),
        # Recovery codes; seeds as they are typed.
        (r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", 0, CUT),
        (r"\b[A-Z2-7]{4}(?: [A-Z2-7]{4}){3,}\b", 0, CUT),
        (r"\b[A-Z2-7]{32,}\b", 0, CUT),
        # Who: the mailbox goes, its provider stays.
        (r"(?<![^\s@<>\"'()\[\],;:=/])[^\s@<>\"'()\[\],;:=/]{1,64}@(?=\w)", 0, f"{CUT}@"),
    )
)
WORD = re.compile(r"[A-Za-z0-9_-]{24,}={0,2}")
ONLY_UUID = re.compile(UUID)


def redact(text: str) -> str:
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return WORD.sub(_random_word, text)


def _random_word(match: re.Match[str]) -> str:
    """A word with digits among letters, too long for a name: a token, a key, a signature, a digest."""
    word = match[0]
    if ONLY_UUID.fullmatch(word) or not any(sign.isdigit() for sign in word) or not any(map(str.isalpha, word)):
        return word
    is_mixed = any(map(str.isupper, word)) and any(map(str.islower, word))
    return CUT if is_mixed or (len(word) >= 32 and "_" not in word) else word


def redact_event(logger: Any, method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """A structlog processor: every value of the event, however deep. Last before the renderer."""
    return {name: _value(name, value) for name, value in event.items()}


def _value(name: str, value: Any) -> Any:
    if re.search(rf"(?i)(?:{SECRET_NAMES}|cookie|authorization)$", name):
        return CUT
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): _value(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(name, inner) for inner in value]
    return redact(value.decode(errors="replace") if isinstance(value, bytes) else str(value))
