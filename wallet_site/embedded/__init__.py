"""What the site brings along to run where nothing but Python is: its PostgreSQL, and who minds its processes.

Nothing in here knows Django or the settings: it is used before they are read.

| who asks | looks in |
|---|---|
| which user PostgreSQL runs as | `service_user`; `as_root` where root starts it |
| who may enter the data folder, who may read what is in it | `folders`; `as_root` for the folders above it |
| who may connect to the database, as what, knowing what | `roles`, `passwords` |
| when PostgreSQL starts and stops | `cluster` |
| how PostgreSQL is configured, what its log may say | `configuration` |
| what happens when the web server dies, or when all is asked to stop | `children` |
"""

import sys

if sys.platform == "win32":
    raise ImportError("The embedded PostgreSQL needs Linux or macOS; set DATABASE_URL.")
