"""Somebody with a browser that is nothing but HTTP: cookies, pages, forms. Knows the site by what its pages say."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "use", "wbr"}


@dataclass
class Form:
    """What a browser would send: the fields with their values, and what each button adds to them."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)  # by label: name and value


class Reader(HTMLParser):
    """Collects a page's forms, links and text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.texts: list[str] = []
        self._form: Form | None = None
        self._open: list[tuple[str, dict[str, str], list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(values.get("action", ""), values.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "input" and self._form and values.get("name") and is_sent(values):
            self._form.fields[values["name"]] = values.get("value", "")
        if tag not in VOID:
            self._open.append((tag, values, []))

    def handle_data(self, data: str) -> None:
        if not any(tag in ("script", "style", "title") for tag, _, _ in self._open):
            self.texts.append(data)
        for _, _, texts in self._open:
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _, _ in self._open):
            name, values, texts = self._open.pop()
            text = " ".join("".join(texts).split())
            if name == "a" and values.get("href"):
                self.links.setdefault(text, values["href"])
            elif name == "button" and self._form:
                self._form.buttons[text] = (values.get("name", ""), values.get("value", ""))
            elif name == "form":
                self._form = None
            if name == tag:
                break


def is_sent(values: dict[str, str]) -> bool:
    return values.get("type") not in ("radio", "checkbox") or "checked" in values


@dataclass
class Page:
    status: int
    path: str
    html: str

    def __post_init__(self) -> None:
        reader = Reader()
        reader.feed(self.html)
        self.forms, self.links = reader.forms, reader.links
        self.text = " ".join("".join(reader.texts).split())

    def form_with(self, button: str) -> Form:
        return next(form for form in self.forms if any(label.startswith(button) for label in form.buttons))


class Visitor:
    """Follows redirects within the site. `headers` go with every request."""

    def __init__(self, base_url: str, **headers: str) -> None:
        self.base_url = base_url
        # The site believes the proxy that we pretend to be, so its cookies are Secure and this speaks http.
        policy = DefaultCookiePolicy(secure_protocols=("http", "https"))
        self.jar = CookieJar(policy)
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), urllib.request.ProxyHandler({})
        )
        self.opener.addheaders = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.page = Page(0, "", "")
        self.headers: list[tuple[str, Message]] = []  # of every answer, also of the redirects on the way
        remember = self.headers

        class Remembering(urllib.request.BaseHandler):
            def http_response(self, request: urllib.request.Request, answer: Any) -> Any:
                remember.append((f"{request.get_method()} {request.selector}", answer.headers))
                return answer

        self.opener.add_handler(Remembering())

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self.jar}

    def get(self, path: str) -> Page:
        return self._open(path, None)

    def press(self, button: str, **fields: str) -> Page:
        """Fill in the form that has this button (the beginning of its label is enough) and send it."""
        form = self.page.form_with(button)
        unknown = set(fields) - set(form.fields)
        assert not unknown, f"{self.page.path} has no field {unknown}: {sorted(form.fields)}"
        name, value = next(pair for label, pair in form.buttons.items() if label.startswith(button))
        sent = form.fields | fields | ({name: value} if name else {})
        return self._open(form.action or self.page.path, sent if form.method == "post" else None)

    def _open(self, path: str, data: dict[str, str] | None) -> Page:
        url = urllib.parse.urljoin(self.base_url + self.page.path, path)
        url = self.base_url + re.sub("^https?://[^/]+", "", url)  # a link in a mail names the public address
        body = None if data is None else urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(url, body)
        if self.page.path:
            request.add_header("Referer", self.base_url + self.page.path)
        if body is not None:
            request.add_header("Origin", "https://" + urllib.parse.urlsplit(self.base_url).netloc)
        try:
            with self.opener.open(request, timeout=60) as answer:
                status, where, html = answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as answer:
            status, where, html = answer.code, answer.url, answer.read().decode()
        found = urllib.parse.urlsplit(where)
        self.page = Page(status, found.path + (f"?{found.query}" if found.query else ""), html)
        return self.page
