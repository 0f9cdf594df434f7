"""Requests byte by byte, as no browser would send them: other methods, odd names, half a body."""

import re
import socket
from dataclasses import dataclass

SECONDS = 20
USUAL = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Host": "wallet.example.com"}


@dataclass
class Answer:
    head: str
    body: str
    was_closed: bool  # by the server, with nothing more to be read
    early: bool  # before all of what was announced had been sent

    @property
    def status(self) -> int:
        return int(self.head.split(" ", 2)[1])


def send(
    port: int, method: str, target: str, *, headers: dict[str, str], body: bytes = b"", usual: bool = True
) -> Answer:
    """Sends the head and as much of the body as is given, whatever the head announces; reads to the end."""
    lines = {**(USUAL if usual else {}), **headers}
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.sendall(head.encode() + body)
        text, was_closed = read(connection)
    top, _, rest = text.partition("\r\n\r\n")
    return Answer(top, rest, was_closed, early=len(body) < int(headers.get("Content-Length", 0)))


def read(connection: socket.socket) -> tuple[str, bool]:
    """All of one answer: to the end that its head announces, or to the end of the connection."""
    data = b""
    while piece := connection.recv(65536):
        data += piece
        top, blank, rest = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", top, re.IGNORECASE)
        is_whole = len(rest) >= int(length[1]) if length else rest.endswith(b"0\r\n\r\n")
        if blank and is_whole and b"connection: close" not in top.lower():
            return data.decode(), False
    return data.decode(), True
