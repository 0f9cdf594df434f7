"""The names that sessions and the security log give to browsers."""

import pytest

from accounts.sessions.user_agents import device_name

APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {APPLE}"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {APPLE}"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE}"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {BLINK}"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK}"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Mac"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
        (f"{IPHONE} Version/18.0 EdgiOS/140.0.3485.54 Mobile/15E148 Safari/604.1", "Edge on iPhone"),
        (f"{IPHONE} OPiOS/16.0.15.124050 Mobile/15E148 Safari/9537.53", "Opera on iPhone"),
        (f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1 OPT/5.5.0", "Opera on iPhone"),
        (f"{IPHONE} Version/18.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15", "DuckDuckGo on iPhone"),
        (f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1 Ddg/18.5", "DuckDuckGo on iPhone"),
        (f"{IPHONE} GSA/380.0.788317806 Mobile/15E148 Safari/604.1", "Google app on iPhone"),
        (f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1 Brave/1.80", "Brave on iPhone"),
        (f"{IPAD} Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPad"),
        (f"{IPAD} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1", "Chrome on iPad"),
        (f"{MAC} CriOS/140 Version/18.5 Safari/605.1.15", "Chrome on iPad"),
        (f"{MAC} FxiOS/140.0 Safari/605.1.15", "Firefox on iPad"),
        (f"{MAC} Version/18.5 EdgiOS/140.0.3485.54 Safari/605.1.15", "Edge on iPad"),
        (f"{MAC} Version/18.5 Safari/605.1.15", "Safari on Mac or iPad"),
        (f"{MAC} Version/18.5 Safari/605.1.15 Ddg/18.5", "DuckDuckGo on Mac or iPad"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {BLINK} Chrome/140.0.0.0 Safari/537.36", "Chrome on Mac"),
        (f"{WINDOWS} Chrome/140.0.0.0 Safari/537.36", "Chrome on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"{WINDOWS} Chrome/18.17763 Safari/537.36 Edge/18.17763", "Edge on Windows"),
        (f"{WINDOWS} Chrome/138.0.0.0 Safari/537.36 OPR/122.0.0.0", "Opera on Windows"),
        (f"{WINDOWS} Chrome/140.0.0.0 Safari/537.36 Vivaldi/7.5.3735.74", "Vivaldi on Windows"),
        (f"{ANDROID} Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"{ANDROID} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        (f"{ANDROID} Chrome/140.0.0.0 Mobile Safari/537.36 EdgA/140.0.0.0", "Edge on Android"),
        (f"{ANDROID} Chrome/138.0.0.0 Mobile Safari/537.36 OPR/91.0.0.0", "Opera on Android"),
        (f"{ANDROID} Version/4.0 Chrome/140.0.0.0 Mobile DuckDuckGo/5 Safari/537.36", "DuckDuckGo on Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/140.0.0.0 Safari/537.36", "Chrome on Chromebook"),
        ("Mozilla/5.0 (Windows NT 10.0) Pledge/1.0", "Windows"),
        ("curl/8", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_browsers_have_names_that_people_know(agent: str, name: str) -> None:
    assert device_name(agent) == name
