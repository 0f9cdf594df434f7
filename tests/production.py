"""Production's kind of environment with made-up values, for checks that need settings and no database.

`python -m tests.production manage.py check --deploy` runs any Python program in it.
"""

import os
import sys

ENVIRONMENT = {
    "SECRET_KEY": "not-a-secret-but-as-long-and-as-varied-as-a-real-one-0123456789",
    "CREDENTIAL_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "DATABASE_URL": "postgres://wallet_site:password@127.0.0.1:1/wallet",
    "OWNER_DATABASE_URL": "postgres://wallet_owner:password@127.0.0.1:1/wallet",
    "SITE_URL": "https://wallet.example.com",
    "ALLOWED_HOSTS": "wallet.example.com",
    "DEMO": "0",
    "DEBUG": "0",
}

if __name__ == "__main__":
    # Nobody listens on that port, and makemigrations only warns about it.
    warnings = ["-W", "ignore:Got an error checking a consistent migration history:RuntimeWarning"]
    os.execve(sys.executable, [sys.executable, *warnings, *sys.argv[1:]], {**os.environ, **ENVIRONMENT})
