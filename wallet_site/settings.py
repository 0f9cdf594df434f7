"""The one settings file, read top to bottom.

Everything that differs between places comes from the environment; `.env.example` names each variable.
Nothing here starts or writes anything: the entry points (`manage.py`, `wallet_site.serve`) prepare the
environment first, see `wallet_site/environment.py`.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from wallet_site import logs, variables
from wallet_site.variables import env, required, switch, text, whole

BASE_DIR = Path(__file__).resolve().parent.parent

# What this is

SITE_NAME = variables.site_name("SITE_NAME", "Twofold")
DEMO = switch("DEMO")
DEBUG = switch("DEBUG")
TESTING = "pytest" in sys.modules
CURRENCY = variables.currency("CURRENCY", "EUR")
# Where browsers find it: every link in a mail begins so, whatever name or port a request says.
PORT = whole("PORT", 8000, least=1, most=65535)
SITE_URL = variables.origin(
    "SITE_URL",
    text("SITE_URL", f"http://127.0.0.1:{PORT}") if DEMO else required("SITE_URL"),
    may_be_http=DEMO or DEBUG,
)

# Secrets: no default, so that nothing runs on a known key

SECRET_KEY = required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# "id:base64url of 32 bytes", comma separated, the first one current: peppers secrets, encrypts authenticator seeds.
CREDENTIAL_KEYS = required("CREDENTIAL_KEYS")
# Each step doubles the time: 16 takes seconds. Under 10 only tests start (`accounts.credentials.hashing.rounds`).
BCRYPT_ROUNDS = whole("BCRYPT_ROUNDS", 12, least=4, most=16)
# base64url of 32 bytes: signs checkpoints of the books and of the log. For the worker, `manage.py checkpoint` and
# `verify_ledger`; pages do not need it.
CHECKPOINT_KEY = text("CHECKPOINT_KEY")

# The wallet's own rules

MOST_MONEY = 999_999_999_999  # minor units, of one payment
VIEW_UNLOCK_SECONDS = 120
PAYMENT_DRAFT_SECONDS = 600
# From these amounts on (minor units) a payment takes a code of the authenticator beside the PIN.
NEW_PAYEE_CODE_FROM = whole("NEW_PAYEE_CODE_FROM", 200_00, least=0, most=MOST_MONEY)  # to somebody new
CODE_FROM = whole("CODE_FROM", 1_000_00, least=0, most=MOST_MONEY)  # to anybody
UNKNOWN_PAYEES_PER_HOUR = 30  # that one customer may ask for: the answer tells who has a wallet here
# Failed ones in a quarter of an hour, whoever they were for.
SIGN_IN_TRIES_PER_NETWORK = whole("SIGN_IN_TRIES_PER_NETWORK", 100, least=1, most=1_000_000)
DEMO_MONEY = 100_00  # minor units

# What `manage.py work` does, in turn: functions that do a small part of what is due and say how much.
WORK = [
    "notices.delivery.hand_out",
    "notices.delivery.send_letters",
    "ledger.log.following.run",
    "ledger.log.signing.run",
    "statements.monthly.make_due",
    "statements.pdf_parts.make_due",
    "statements.sealing.run",
    "statements.searched.run",
    "wallet_site.own_data.requests.make_one",
]
# What a customer's file of own data has beside the tables' rows: user -> pairs of a path in it and bytes.
OWN_DATA_FILES = ["wallet_site.own_data.archive.journal_file", "wallet_site.own_data.archive.statement_files"]
# What `manage.py clear_expired` does beside accounts' own.
CLEAR_EXPIRED = ["wallet_site.own_data.requests.forget", "notices.outbox.forget"]

# How it is served: read by gunicorn_conf.py, and here so that every command names what cannot be meant

WEB_WORKERS, WEB_THREADS = variables.web_workers(), variables.web_threads()

# Applications

INSTALLED_APPS = [
    "backoffice.apps.StaffAdminConfig",
    "backoffice",  # before django.contrib.auth, whose createsuperuser it replaces
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "django_structlog",
    "csp",
    "wallet_site",
    "ledger",
    "notices",
    "statements",
    "payments",
    "wallet_site.own_data",
]

MIDDLEWARE = [
    "wallet_site.lengths.LengthMiddleware",
    "wallet_site.middleware.RequestLogMiddleware",
    "wallet_site.middleware.FailureMiddleware",
    "wallet_site.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "wallet_site.middleware.BrowserPolicyMiddleware",
    "wallet_site.middleware.BodyMiddleware",
    "accounts.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wallet_site.middleware.NotAllowedMiddleware",
    "accounts.access.middleware.DenyByDefaultMiddleware",
    "accounts.access.middleware.RegionMiddleware",  # behind it, so that it asks for nobody whom that one has not
]

ROOT_URLCONF = "wallet_site.urls"
WSGI_APPLICATION = "wallet_site.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wallet_site.context.site",
            ],
        },
    },
]
FORM_RENDERER = "wallet_site.forms.FormRenderer"

# Two doors to one database, see docs/adr/0001-two-doors-to-one-database.md.
# DATABASE_URL is the site's role, which owns no table; OWNER_DATABASE_URL is the owner's, for migrations.

required("DATABASE_URL")
CONNECTION = {
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": switch("DISABLE_SERVER_SIDE_CURSORS"),
}
# Milliseconds, each below the web server's 30 s: a stuck statement ends before its worker does.
TIMEOUTS = {"lock_timeout": 8000, "statement_timeout": 15000, "idle_in_transaction_session_timeout": 20000}
# COMMIT waits for the disk, and for the synchronous standby where there is one, whatever the server or the role says.
# The warning that this wait was cut short is not held back.
SAFE_COMMITS = {"synchronous_commit": "on", "client_min_messages": "warning"}


def database(url_variable: str, isolation: str, **others: int | str) -> dict[str, object]:
    """Raises ImproperlyConfigured for what is no URL of a PostgreSQL, without repeating it: it may hold a password."""
    wrong = f"{url_variable} is not of the form postgres://user:password@host/database."
    if not env.str(url_variable).startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(wrong)
    try:
        settings: dict[str, object] = env.db_url(url_variable)
    except ValueError:
        raise ImproperlyConfigured(wrong) from None
    url_options = settings.get("OPTIONS", {})
    assert isinstance(url_options, dict)
    # The last one counts: the URL may set other timeouts, and take away neither the isolation nor the wait at COMMIT.
    last = SAFE_COMMITS | {"default_transaction_isolation": isolation}
    options = {
        "connect_timeout": 5,
        "target_session_attrs": "read-write",  # no standby: it can take no payment, and lags behind what was revoked
        **url_options,
        "options": f"{flags(TIMEOUTS | others)} {url_options.get('options', '')} {flags(last)}",
    }
    return settings | CONNECTION | {"OPTIONS": options}


def flags(parameters: Mapping[str, int | str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in parameters.items())


DATABASES = {
    "default": database("DATABASE_URL", "read\\ committed"),
    # There, who reads a table from end to end locks it against every payment: never while there is an index.
    "serializable": database("DATABASE_URL", "serializable", enable_seqscan="off") | {"TEST": {"MIRROR": "default"}},
}
# A migration may take as long as it takes; only its wait for a lock is limited, for others wait behind it.
OWNER_DATABASE = database(
    "OWNER_DATABASE_URL" if text("OWNER_DATABASE_URL") else "DATABASE_URL",
    "read\\ committed",
    statement_timeout=0,
)
# Whom `migrate` gives the site's rights, and whose rights `verify_ledger` compares.
SITE_ROLE = env.str("SITE_ROLE", default="") or DATABASES["default"]["USER"]
DATABASE_ROUTERS = ["ledger.db.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PasswordBackend"]
PASSWORD_HASHERS = ["accounts.credentials.hashing.RefusedHasher"]
# How accounts, which knows nothing of mail, has letters sent: (request, email, name, texts by name).
LETTERS = "notices.mail.send"
# How statements, which knows nothing of payees, finds lines by a nickname: (account, words) to account ids by word.
NICKNAMES = "payments.payees.accounts_called"
# And how it has owners told what happened to their secrets: (user id, kind, **data), in the transaction of the change.
TELLING = "notices.outbox.tell"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "payments:wallet"
OTP_LOGIN_URL = LOGIN_URL
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
# After NIST 800-63B: length, not in the list of common ones, no pattern, not one's own name.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.credentials.password_policy.OwnWordsValidator"},
    {"NAME": "accounts.credentials.password_policy.PatternValidator"},
    {"NAME": "accounts.credentials.password_policy.GuessableValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Sessions and cookies. Demo mode speaks http on loopback only, so its cookies cannot be Secure.

SECURE_COOKIES = not DEMO and not DEBUG
COOKIE_PREFIX = "__Host-" if SECURE_COOKIES else ""
SESSION_ENGINE = "accounts.sessions.store"
SESSION_IDLE_SECONDS = 5 * 60  # RTS Art. 4(3)(d)
SET_UP_IDLE_SECONDS = 30 * 60  # before the second factor there is nothing to see, and an app to install
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "wallet_site.errors.csrf_failure"
MESSAGE_STORAGE = "wallet_site.messages.MessageStorage"

# What browsers are told

ALLOWED_HOSTS = variables.hosts("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if DEMO else [], any_host=DEMO)
if (host := variables.host_of(SITE_URL)) not in ALLOWED_HOSTS:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, host]
CSRF_TRUSTED_ORIGINS = [
    SITE_URL,
    *(
        variables.origin("CSRF_TRUSTED_ORIGINS", value, may_be_http=DEMO or DEBUG)
        for value in env.list("CSRF_TRUSTED_ORIGINS", default=[])
    ),
]
# How many proxies of ours stand in front; 0 means that X-Forwarded-* headers are somebody's invention.
TRUSTED_PROXIES = whole("TRUSTED_PROXIES", 0, least=0, most=10)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_SSL_HOST = SITE_URL.partition("://")[2]  # never the one that was asked for, whose port may be anything
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 63_072_000 if SECURE_COOKIES else 0  # two years
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_COOKIES
SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # bytes, of a whole body: see web/bodies.py
FILE_UPLOAD_HANDLERS = ["web.bodies.NoFilesHandler"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100

# Static files, with hashed names

STATIC_URL = "/static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "wallet_site.static_files.BundledStaticFilesStorage"
    },
}

# Mail. Demo mode prints it, and the page shows its link.

vars().update(variables.mail_server("EMAIL_URL", "consolemail://" if DEMO or DEBUG else "smtp://localhost:25"))
DEFAULT_FROM_EMAIL = variables.sender("DEFAULT_FROM_EMAIL", SITE_NAME)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
SUPPORT_EMAIL = variables.address("SUPPORT_EMAIL", "support@localhost")  # where the help page says to write to
EMAIL_TIMEOUT = 10  # seconds

# Language and time

LANGUAGE_CODE = "en-gb"
TIME_ZONE = variables.time_zone("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["wallet_site.formats"]

# Logs: one line an event on standard error, with the request's id on each. Never a secret: see SECURITY.md.

LOG_LEVEL = variables.choice(
    "LOG_LEVEL", "WARNING" if DEMO else "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)
LOGGING = logs.configuration(level=LOG_LEVEL, for_people=DEMO or DEBUG)
logs.configure_structlog()
