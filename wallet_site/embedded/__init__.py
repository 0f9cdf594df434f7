"""What the site brings along, so that a machine with nothing but Python can run it: a PostgreSQL of its own.

| who asks | looks in |
|---|---|
| which user PostgreSQL runs as | `service_user`; `as_root` where root starts it |
| who may enter the data folder, who may read what is in it | `folders`; `as_root` for the folders above it |
| who may connect to the database, as what, knowing what | `roles`, `passwords` |
| when PostgreSQL starts and stops | `cluster` |
| how PostgreSQL is configured, what its log may say | `configuration` |
"""

import sys

if sys.platform == "win32":
    raise ImportError("The embedded PostgreSQL needs Linux or macOS; set DATABASE_URL.")
