from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """What every page may say about the site itself."""
    return {"site_name": settings.SITE_NAME, "demo": settings.DEMO}
