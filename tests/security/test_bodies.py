"""What is too large, or has a file where no form has one, is refused before it is read: by the real web server."""

import socket
import subprocess
import threading

import psutil
import pytest

from tests.security.conftest import Production
from tests.security.raw import SECONDS, USUAL, Answer, read, send

pytestmark = pytest.mark.usefixtures("travelled")  # whose logs are read as that journey left them

MIB = 1024 * 1024
LARGE = 40 * MIB
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "b" * 20
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FILE = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{{name}}"; filename="photo.jpg"\r\n'
    f"Content-Type: image/jpeg\r\n\r\n"
)
FROM_A_PAGE_OF_OURS = {"Origin": "https://wallet.example.com", "Cookie": f"__Host-csrf={'c' * 32}"}
PATHS = ["/login/", "/register/", "/theme/", "/send/", "/admin/", "/healthz", "/no/such/page/", "/"]
TYPES = [MULTIPART, FORM, "application/json", "application/octet-stream", "text/plain", ""]


def limit_is_told(answer: Answer) -> bool:
    return "256.0\xa0KB" in answer.body and "No money has moved" in answer.body


@pytest.mark.asvs("5.2.1", "15.2.2")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", TYPES)
def test_what_is_too_large_is_refused_when_it_is_announced(production: Production, path: str, kind: str) -> None:
    """Nothing of 40 MiB is sent but the first bytes: whoever waits for the rest never answers."""
    headers = {"Content-Type": kind, "Content-Length": str(LARGE)}
    answer = send(production.site.port, "POST", path, headers=headers, body=b"x" * 100)
    assert (answer.status, answer.early, answer.was_closed) == (413, True, True)
    assert limit_is_told(answer)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_whatever_the_method(production: Production, method: str) -> None:
    assert send(production.site.port, method, "/help/", headers={"Content-Length": str(LARGE)}).status == 413


def test_nobody_is_asked_to_go_on_with_it(production: Production) -> None:
    headers = {"Content-Type": MULTIPART, "Content-Length": str(LARGE), "Expect": "100-continue"}
    answer = send(production.site.port, "POST", "/login/", headers=headers)
    assert answer.status == 413
    small = {"Content-Type": FORM, "Content-Length": "3", "Expect": "100-continue"}
    assert "100 Continue" in send(production.site.port, "POST", "/login/", headers=small, body=b"x=1").head


@pytest.mark.parametrize("announced", ["", "Content-Length: 5\r\n"])
def test_a_body_of_unknown_size_is_not_read(production: Production, announced: str) -> None:
    """Chunk by chunk, without an end."""
    stop = threading.Event()
    head = f"POST /login/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{announced}Content-Type: {MULTIPART}\r\n"
    with socket.create_connection(("127.0.0.1", production.site.port), SECONDS) as connection:
        usual = "".join(f"{name}: {value}\r\n" for name, value in USUAL.items())
        connection.sendall(f"{head}{usual}\r\n".encode())
        sender = threading.Thread(target=pour, args=(connection, stop))
        sender.start()
        try:
            text, was_closed = read(connection)
        finally:
            stop.set()
            sender.join()
    assert was_closed
    assert text.startswith("HTTP/1.1 411" if not announced else "HTTP/1.1 4")


def pour(connection: socket.socket, stop: threading.Event) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    while not stop.is_set():
        try:
            connection.sendall(chunk)
        except OSError:
            return  # closed, as it should be


@pytest.mark.asvs("5.2.1")
@pytest.mark.parametrize("name", ["photo", "email", "csrfmiddlewaretoken"])
@pytest.mark.parametrize("path", ["/login/", "/register/", "/theme/", "/logout/", "/send/"])
def test_a_small_file_is_refused_at_its_first_bytes(production: Production, path: str, name: str) -> None:
    """Announced with a size that would be taken, and never sent whole."""
    body = FILE.format(name=name).encode() + b"\xff\xd8" + b"x" * 10_000
    headers = {"Content-Type": MULTIPART, "Content-Length": str(200_000)} | FROM_A_PAGE_OF_OURS
    answer = send(production.site.port, "POST", path, headers=headers, body=body)
    assert (answer.status, answer.early) == (413, True)
    assert limit_is_told(answer)


@pytest.fixture
def workers(production: Production) -> list[psutil.Process]:
    return production.site.gunicorn().children()


def test_forty_mebibytes_leave_no_trace_in_memory_or_on_disk(
    production: Production, workers: list[psutil.Process]
) -> None:
    before = sum(worker.memory_info().rss for worker in workers)
    read_before = sum(worker.io_counters().write_bytes for worker in workers)
    for kind in (MULTIPART, FORM, "application/octet-stream"):
        first = FILE.format(name="photo").encode() if kind == MULTIPART else b""
        with socket.create_connection(("127.0.0.1", production.site.port), SECONDS) as connection:
            lines = {**USUAL, "Content-Type": kind, "Content-Length": str(LARGE)}
            head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            sent = 0
            try:
                connection.sendall(f"POST /login/ HTTP/1.1\r\n{head}\r\n".encode() + first)
                while sent < LARGE:
                    connection.sendall(b"x" * MIB)
                    sent += MIB
            except OSError:
                pass  # the server hung up, which is the point
            assert sent < LARGE
    assert sum(worker.memory_info().rss for worker in workers) - before < 8 * MIB
    assert sum(worker.io_counters().write_bytes for worker in workers) - read_before < MIB
    assert not subprocess.run(["ls", "/tmp"], capture_output=True, text=True, check=True).stdout.count(".upload")


def test_it_is_one_line_of_the_log_each(production: Production) -> None:
    before = production.logs()["site"].count("Traceback")
    send(production.site.port, "POST", "/login/", headers={"Content-Type": FORM, "Content-Length": str(LARGE)})
    assert production.logs()["site"].count("Traceback") == before
