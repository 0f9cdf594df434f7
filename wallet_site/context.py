from django.conf import settings
from django.http import HttpRequest

THEMES = ("light", "dark")
THEME_COOKIE = f"{settings.COOKIE_PREFIX}theme"


def site(request: HttpRequest) -> dict[str, object]:
    """What every page may say about the site itself. Reads neither the session nor the database: error pages use it."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "site_name": settings.SITE_NAME,
        "demo": settings.DEMO,
        "support_email": settings.SUPPORT_EMAIL,
        # Empty means: as the visitor's system has it.
        "theme": theme if theme in THEMES else "",
    }
