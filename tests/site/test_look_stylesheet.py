"""A component has a file of its own, and a page asks for one stylesheet: what collectstatic makes of site.css."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from whitenoise.storage import MissingFileError

from backoffice.roles import AUDITORS, make_groups
from tests.people import make_customer, make_staff, sign_in
from tests.production import ENVIRONMENT
from tests.running import bare_environment, manage

CSS = settings.BASE_DIR / "static/css"
COMPONENTS = sorted((CSS / "components").glob("*.css"))
ENTRY = (CSS / "site.css").read_text()
IMPORTED = re.findall(r'^@import url\("(.+?)"\) layer\(([a-z]+)\)( print)?;$', ENTRY, re.MULTILINE)
LINK = re.compile(r'<link\b[^>]*rel="stylesheet"[^>]*href="([^"]+)"')
FOLDERS = "django.contrib.staticfiles.finders.FileSystemFinder"
COLLECTING = {"staticfiles": {"BACKEND": "wallet_site.static_files.BundledStaticFilesStorage"}}


def name_of(path: Path) -> str:
    return path.relative_to(CSS).as_posix()


def collect(sources: Path, into: Path) -> str:
    """The stylesheet under its hashed name, of a site that has nothing but these sources."""
    collecting = {"STORAGES": settings.STORAGES | COLLECTING, "STATIC_ROOT": into}
    with override_settings(**collecting, STATICFILES_DIRS=[sources], STATICFILES_FINDERS=[FOLDERS]):
        call_command("collectstatic", verbosity=0, interactive=False)
        return (into / staticfiles_storage.stored_name("css/site.css")).read_text()


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What production's own settings make of the site's files: the folder, and the stylesheet under its hashed name."""
    environment = {**bare_environment(tmp_path_factory.mktemp("production") / "data"), **ENVIRONMENT}
    done = manage(environment, "collectstatic", "--noinput")
    assert done.returncode == 0, done.stderr
    root = Path(environment["STATIC_ROOT"])
    hashed = json.loads((root / "staticfiles.json").read_text())["paths"]["css/site.css"]
    return root, (root / hashed).read_text()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Sources of a small site: two parts, and a picture that one of them shows."""
    sources = tmp_path / "sources"
    write(
        sources,
        "css/site.css",
        '@layer a, b;\n@import url("parts/one.css") layer(a);\n@import url("two.css") layer(b) print;\n',
    )
    write(sources, "css/parts/one.css", ".one {\n  color: red;\n}\n")
    write(sources, "css/two.css", ".two {\n  color: blue;\n}\n")
    write(sources, "css/admin.css", ".staff {\n}\n")
    write(sources, "img/dot.svg", "<svg/>")
    return sources


def write(sources: Path, name: str, text: str) -> None:
    path = sources / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# The files


@pytest.mark.parametrize("path", sorted(CSS.rglob("*.css")), ids=name_of)
def test_a_stylesheet_can_be_read_at_once_and_is_whole(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 270
    assert text.count("{") == text.count("}") > 0 or path.name == "site.css"  # one too few would swallow what follows


@pytest.mark.parametrize("path", COMPONENTS, ids=name_of)
def test_a_component_is_imported_once_into_the_components_layer(path: Path) -> None:
    assert [layer for name, layer, _ in IMPORTED if name == name_of(path)] == ["components"]


def test_the_entry_is_a_list_of_layers_and_of_all_other_files_but_the_staffs() -> None:
    (layers,) = re.findall(r"^@layer (.+);$", ENTRY, re.MULTILINE)
    assert ENTRY.count("@import") == len(IMPORTED)
    assert list(dict.fromkeys(layer for _, layer, _ in IMPORTED)) == layers.split(", ")
    own = {name_of(path) for path in CSS.rglob("*.css")} - {"site.css", "admin.css"}
    assert sorted(name for name, _, _ in IMPORTED) == sorted(own)


@pytest.mark.parametrize("name", [name for name, _, _ in IMPORTED])
def test_a_file_leaves_its_layer_to_the_entry(name: str) -> None:
    assert not re.search(r"@(layer|import|charset)\b", (CSS / name).read_text())


@pytest.mark.parametrize("path", COMPONENTS, ids=name_of)
def test_a_component_is_there_because_a_page_shows_it(path: Path) -> None:
    pages = "".join(page.read_text() for page in (settings.BASE_DIR / "templates").rglob("*.html"))
    pages += "".join(page.read_text() for page in settings.BASE_DIR.glob("*/*widgets.py"))
    classes = set(re.findall(r"\.([a-z][a-z0-9_-]*)", path.read_text()))
    assert not classes or any(re.search(rf"\b{name}(?![a-z_-])", pages) for name in classes)


# Collected


def test_it_has_each_file_once_in_its_layer_and_in_order(collected: tuple[Path, str]) -> None:
    _, text = collected
    assert "@import" not in text
    at = 0
    for name, layer, printed in IMPORTED:
        part = f"@layer {layer} {{\n{(CSS / name).read_text()}}}"
        part = f"@media print {{\n{part}\n}}" if printed else part
        assert text.count(part) == 1, name
        at = text.index(part, at)


def test_the_copy_without_a_hash_is_whole_too(collected: tuple[Path, str]) -> None:
    root, text = collected
    assert (root / "css/site.css").read_text() == text


def test_the_staffs_has_the_sites_colours_and_is_otherwise_outside_of_layers_as_djangos_is(
    collected: tuple[Path, str],
) -> None:
    root, _ = collected
    tokens = f"@layer tokens {{\n{(CSS / 'tokens.css').read_text()}}}"
    before, after = (CSS / "admin.css").read_text().split('@import url("tokens.css") layer(tokens);')
    assert (root / "css/admin.css").read_text() == before + tokens + after
    assert "@layer" not in before + after


def test_a_file_that_is_missing_fails_and_is_named(site: Path, tmp_path: Path) -> None:
    (site / "css/two.css").unlink()
    with pytest.raises(MissingFileError, match=r"css/site\.css asks for css/two\.css"):
        collect(site, tmp_path / "static")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("css/site.css", '@import "two.css";'),
        ("css/site.css", '@import url("two.css");'),
        ("css/site.css", "@import url(two.css) layer(a);"),
        ("css/parts/one.css", '@import url("../two.css") layer(a);'),
    ],
)
def test_an_import_it_cannot_fill_in_fails(site: Path, tmp_path: Path, name: str, line: str) -> None:
    write(site, name, f"{(site / name).read_text()}{line}\n")
    with pytest.raises(ValueError, match=r"css/site\.css: an import is not of the form"):
        collect(site, tmp_path / "static")


def test_a_comment_may_speak_of_imports(site: Path, tmp_path: Path) -> None:
    write(site, "css/two.css", "/* No @import here. */\n.two {\n}\n")
    assert "/* No @import here. */" in collect(site, tmp_path / "static")


def test_an_import_for_print_is_for_print(site: Path, tmp_path: Path) -> None:
    text = collect(site, tmp_path / "static")
    assert "@media print {\n@layer b {\n.two {\n  color: blue;\n}\n}\n}" in text


@pytest.mark.parametrize("written", ["url(../../img/dot.svg)", "url('../../img/dot.svg')", 'url("../../img/dot.svg")'])
def test_what_a_part_shows_is_still_found(site: Path, tmp_path: Path, written: str) -> None:
    write(site, "css/parts/one.css", f".one {{\n  background: {written};\n}}\n")
    (address,) = re.findall(r'url\("(.+?)"\)', collect(site, tmp_path / "static"))
    assert re.fullmatch(r"\.\./img/dot\.[0-9a-f]{12}\.svg", address)
    assert (tmp_path / "static/css" / address).is_file()


def test_a_picture_that_a_part_shows_and_is_missing_fails(site: Path, tmp_path: Path) -> None:
    write(site, "css/parts/one.css", '.one {\n  background: url("../img/dot.svg");\n}\n')
    with pytest.raises(MissingFileError, match=r"css/img/dot\.svg"):
        collect(site, tmp_path / "static")


@pytest.mark.parametrize("address", ["data:image/png;base64,AAAA", "#fold", "https://example.com/a.png", "/a.png"])
def test_an_address_that_does_not_depend_on_the_file_stays(site: Path, tmp_path: Path, address: str) -> None:
    write(site, "css/parts/one.css", f'.one {{\n  background: url("{address}");\n}}\n')
    assert f'url("{address}")' in collect(site, tmp_path / "static")


def test_a_change_of_a_part_alone_is_noticed(site: Path, tmp_path: Path) -> None:
    before = collect(site, tmp_path / "static")
    write(site, "css/parts/one.css", ".one {\n  color: green;\n}\n")
    later = (site / "css/site.css").stat().st_mtime + 10
    os.utime(site / "css/parts/one.css", (later, later))
    after = collect(site, tmp_path / "static")
    assert ("green" in before, "green" in after) == (False, True)
    assert (
        len(list((tmp_path / "static/css").glob("site.*.css"))) == 2
    )  # a browser that kept the first asks for the other


# Pages


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/help/", "/login/", "/no-such-page/"])
def test_a_page_asks_for_one_stylesheet(client: Client, address: str) -> None:
    assert LINK.findall(client.get(address).content.decode()) == ["/static/css/site.css"]


@pytest.fixture
def in_production(collected: tuple[Path, str]) -> Iterator[None]:
    with override_settings(STORAGES=settings.STORAGES | COLLECTING, STATIC_ROOT=collected[0]):
        yield


@pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
def test_a_customers_page_asks_for_one_hashed_stylesheet(client: Client, in_production: None) -> None:
    sign_in(make_customer(), client)
    (address,) = LINK.findall(client.get(reverse("payments:wallet")).content.decode())
    assert re.fullmatch(r"/static/css/site\.[0-9a-f]{12}\.css", address)


@pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
def test_a_staff_page_asks_for_djangos_and_for_one_of_ours(client: Client, in_production: None) -> None:
    make_groups(apps.get_app_config("payments"), "default")
    sign_in(make_staff("auditor@example.com", [AUDITORS]), client)
    sheets = LINK.findall(client.get("/admin/").content.decode())
    (ours,) = (address for address in sheets if not address.startswith("/static/admin/css/"))
    assert re.fullmatch(r"/static/css/admin\.[0-9a-f]{12}\.css", ours)


def test_no_other_template_brings_a_stylesheet() -> None:
    templates = settings.BASE_DIR / "templates"
    linking = {
        page.relative_to(templates).as_posix()
        for page in templates.rglob("*")
        if page.is_file() and "stylesheet" in page.read_text()
    }
    assert linking == {"base.html", "admin/base_site.html"}


@pytest.mark.django_db
def test_the_style_guide_names_each_components_file_and_no_other(client: Client) -> None:
    with override_settings(DEMO=True):
        html = client.get("/styleguide/").content.decode()
    assert sorted(re.findall(r"<code>(components/.+?)</code>", html)) == [name_of(path) for path in COMPONENTS]
