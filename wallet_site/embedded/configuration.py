"""How PostgreSQL is made (initdb) and configured."""

import shutil
from collections.abc import Callable
from pathlib import Path

from wallet_site.embedded.errors import CannotStart
from wallet_site.embedded.folders import write_private
from wallet_site.embedded.programs import Service, last_line, program
from wallet_site.embedded.roles import SUPERUSER

# A failing statement carries what a person typed, so neither it nor its values go to the log.
CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Nobody misses these data after a power cut.
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}


def initialise(pgdata: Path, password: str, service: Service, *, throw_away: bool, say: Callable[[str], None]) -> None:
    """initdb, beside the final place: a half-made folder never looks finished. Raises CannotStart."""
    say("Making the database…")
    unfinished, password_file = pgdata.with_name("unfinished"), pgdata.with_name("password")
    shutil.rmtree(unfinished, ignore_errors=True)
    write_private(password_file, password, service)
    try:
        made = service.run(
            program("initdb"), "-D", str(unfinished), "--username", SUPERUSER, "--pwfile", str(password_file),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin",
            "--builtin-locale", "C.UTF-8", *(["--no-sync"] if throw_away else []), cwd=pgdata.parent,
        )  # fmt: skip
    finally:
        password_file.unlink()
    if made.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make its folder: {last_line(made.stdout)}")
    with (unfinished / "postgresql.conf").open("a") as file:
        file.write("\ninclude = 'wallet.conf'\n")
    unfinished.rename(pgdata)


def configure(pgdata: Path, socket_folder: Path, service: Service, *, throw_away: bool) -> None:
    """Written anew at each start: the project's folder may have been moved."""
    values = CONFIGURATION | {"unix_socket_directories": '"{}"'.format(str(socket_folder).replace('"', '""'))}
    if throw_away:
        values |= THROW_AWAY
    lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in values.items())
    write_private(pgdata / "wallet.conf", "".join(lines), service)
