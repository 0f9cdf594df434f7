#!/usr/bin/env python
"""Django's commands, with the environment made ready first: see wallet_site/environment.py."""

import os
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent / ".venv"


def main() -> None:
    try:
        from django.core.management import execute_from_command_line

        from wallet_site.environment import one_line_errors, prepare, to_stderr
        from wallet_site.owner import take_owners_place
    except ImportError as error:
        python = VENV / "bin" / "python"
        if python.exists() and Path(sys.prefix) != VENV:
            os.execv(python, [str(python), *sys.argv])
        sys.exit(f"{error}. `make run` and `make test` install what this needs.")
    with one_line_errors(), prepare(say=to_stderr):
        take_owners_place(sys.argv)
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
