"""What people call the browser and the machine that a User-Agent header tells of."""

import re

# Looked for in this order, and only where a name and its version begin: nearly all browsers also name those that they
# want to be taken for, so whoever names only itself comes last.
BROWSERS = (
    (r"EdgiOS|EdgA|Edge|Edg", "Edge"),
    (r"OPiOS|OPT|OPX|OPR|Opera Mini|Opera", "Opera"),
    (r"FxiOS|Focus", "Firefox"),
    (r"DuckDuckGo|Ddg", "DuckDuckGo"),
    (r"SamsungBrowser", "Samsung Internet"),
    (r"Vivaldi", "Vivaldi"),
    (r"YaBrowser", "Yandex"),
    (r"UCBrowser", "UC Browser"),
    (r"Brave", "Brave"),
    (r"HuaweiBrowser", "Huawei Browser"),
    (r"MiuiBrowser", "Mi Browser"),
    (r"GSA", "Google app"),
    (r"CriOS", "Chrome"),
    (r"Firefox", "Firefox"),
    (r"Chromium", "Chromium"),
    (r"Chrome", "Chrome"),
    (r"Safari", "Safari"),
)
# An Android also says Linux, an iPhone also says Mac OS.
SYSTEMS = (
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"CrOS", "Chromebook"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS", "Mac"),
    (r"Linux", "Linux"),
)
# An iPad asks for desktop pages by saying that it is a Mac. These names are used on Apple's small machines only,
IPAD_ONLY = re.compile(r"\b(?:CriOS|FxiOS|EdgiOS|OPiOS|OPT|GSA)/")
# and these say the same on both.
ON_BOTH = frozenset({"Safari", "DuckDuckGo"})


def device_name(agent: str) -> str:
    """What people call the browser: "Firefox on Linux". Where a Mac and an iPad cannot be told apart it names both."""
    browser = _first(BROWSERS, agent, r"(?<![A-Za-z])(?:{})(?=[/ ])")
    system = _first(SYSTEMS, agent, r"\b(?:{})")
    if system == "Mac" and IPAD_ONLY.search(agent):
        system = "iPad"
    elif system == "Mac" and browser in ON_BOTH:
        system = "Mac or iPad"
    return " on ".join(filter(None, [browser, system])) or "Unknown device"


def _first(names: tuple[tuple[str, str], ...], agent: str, form: str) -> str:
    return next((name for words, name in names if re.search(form.format(words), agent)), "")
