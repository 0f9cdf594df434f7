"""What stands in front of a site in production: it takes https off, so that a browser treats the site as it will there.

A form that a browser got over plain http names http as where it comes from, and a site that is told it is behind https
refuses that. So the browser is given this as its proxy: it asks for the public name as everybody does, whoever owns
that name, and finds the site that runs here. Nothing leaves the machine.
"""

import contextlib
import datetime
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PIECE = 65_536  # bytes
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@contextlib.contextmanager
def https_in_front(host: str, port: int, folder: Path) -> Iterator[str]:
    """Gives the proxy's address. Whoever asks it for `host` speaks https with it, and it http with the site at `port`.

    `host` has a certificate that nobody vouches for, in `folder`; any other name is refused.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(host, folder / "front.pem"))
    with Front(("127.0.0.1", 0), Visit) as front:
        front.daemon_threads = True
        front.block_on_close = False
        front.asked_for, front.context, front.site_port = f"{host}:443", context, port
        threading.Thread(target=front.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{front.server_address[1]}"
        finally:
            front.shutdown()


class Front(socketserver.ThreadingTCPServer):
    asked_for: str
    context: ssl.SSLContext
    site_port: int


class Visit(socketserver.BaseRequestHandler):
    """One connection of a browser's."""

    server: Front

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # browsers open connections that they then have no use for
            _, asked_for, _ = read_head(self.request).split(" ", 2)
            if asked_for != self.server.asked_for:
                self.request.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            self.request.sendall(ESTABLISHED)
            with (
                self.server.context.wrap_socket(self.request, server_side=True) as browser,
                socket.create_connection(("127.0.0.1", self.server.site_port)) as site,
            ):
                relay(browser, site)


def read_head(connection: socket.socket) -> str:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = connection.recv(PIECE)
        if not piece:
            raise ConnectionError("it hung up")
        head += piece
    return head.decode()


def relay(browser: ssl.SSLSocket, site: socket.socket) -> None:
    """Both ways, until either hangs up."""
    other: dict[socket.socket, socket.socket] = {browser: site, site: browser}
    while True:
        # What was deciphered along with the last piece is not the operating system's to tell of.
        readable = [browser] if browser.pending() else select.select(list(other), [], [])[0]
        for source in readable:
            piece = source.recv(PIECE)
            if not piece:
                return
            other[source].sendall(piece)


def make_certificate(host: str, path: Path) -> Path:
    """With its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
