"""Settings of Counterclaim. One file; whatever differs between machines comes from the environment.

For production, set these (`manage.py check --deploy --fail-level WARNING` is then silent):

    SECRET_KEY=<50 or more random characters; a command that makes one stands in the error message>
    ALLOWED_HOSTS=facts.example.org
    SITE_URL=https://facts.example.org
    DATABASE_URL=postgresql://counterclaim:password@127.0.0.1:5432/counterclaim
    PUBLISHER_NAME=Example Fact Desk
    PUBLISHER_CONTACT=desk@example.org
    PUBLISHER_ABOUT=An association of three newsrooms.
    PUBLISHER_FUNDING=Membership fees; no government and no party gives money.
    SECOND_FACTOR=editors
    LOG_KEY=<the output of manage.py make_log_key, kept secret and unchanged: docs/log.md>
    TRUST_X_FORWARDED_PROTO=on
    TRUST_X_FORWARDED_FOR=1

ARCHIVE_ROOT is the directory that archived bytes are kept in (var/archive if left out), or ARCHIVE_S3_BUCKET
a bucket of an S3-compatible service (docs/archive.md): back it up together with the database. ARCHIVING (on
if left out) has the sources of each verdict archived when it is published, and nightly the public ones that
were not for ARCHIVE_STALE_DAYS (30 if left out).
DATA_ROOT is the directory for bulk data (var/data if left out); DATA_LICENCE the address of the licence
that they are under, such as https://creativecommons.org/licenses/by/4.0/. Left out, /data/ says that none
is stated.
SEARCH_ROOT is the directory of the index that matching by meaning uses (var/search if left out), which the
processes of a machine share and which can be made again from the database; VECTOR_INDEX says what it is:
`files` there, `pgvector`, or `auto` (so if left out: pgvector where the database's server offers it).
READER_REPORTS (off if left out) lets readers report errors on claims, the only thing that the public can
write (docs/reader-reports.md); REPORT_LIMIT_SENT is how many an address may send in an hour (10 if left out).
PUBLISHER_ABOUT and PUBLISHER_FUNDING are what /about/ says of who publishes the site and who pays for it, as
plain text; an empty line begins a paragraph. Left out, the page says that the publisher has not stated it.
WEBHOOKS_TO_THIS_MACHINE (off if left out) lets webhooks go to this machine, by http too: to try them out.
SECOND_FACTOR says who needs a second factor besides the password: `optional` (nobody needs one, whoever sets
one up is asked for it; so if left out), `editors` (editors, administrators and superusers) or `everybody`.
The last two only behind a proxy: X-Forwarded-Proto where it sets this header itself and drops a visitor's
own; X-Forwarded-For is the number of proxies in a row that each add the address they were asked from (0 if
left out). By it, failures to sign in are counted for each visitor and not for the proxy.

Also understood: DEBUG (off if left out; on for development only, then everything else is optional),
SITE_URL (https at the first of ALLOWED_HOSTS if left out), CSRF_TRUSTED_ORIGINS (further origins,
separated by commas; that of an https SITE_URL is included), DATABASE_POOL_SIZE (PostgreSQL
connections for each process, 4 if left out), API_LIMIT_ANONYMOUS and API_LIMIT_WITH_KEY (requests to the API
that are answered in a minute, 600 and 6000 if left out), PAGE_LIMIT_SENT (texts that one address may send to
the readers' pages in a minute, 60 if left out), REDIS_URL (where the processes count them, files in
var/ if left out), FETCH_GAP and FETCH_LEASE (seconds between two requests to a host, 1 if left out, and until
one is asked again that a killed process was at, 300) and LOG_LEVEL (INFO if left out). An empty value counts
as left out. A value that cannot be right stops the start with a sentence that says what to set.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from claims.api import VERSION
from claims.log.notes import KeyFormatError, SigningKey
from config.archive import archive_storage_from_env
from config.environment import (
    flag_from_env,
    list_from_env,
    origin_from_env,
    text_from_env,
    whole_number_from_env,
)

BASE_DIR = Path(__file__).resolve().parent.parent


# --- What this site is ----------------------------------------------------------------------------

DEBUG = flag_from_env("DEBUG")

PUBLISHER_NAME = text_from_env("PUBLISHER_NAME", "Counterclaim")
PUBLISHER_CONTACT = text_from_env("PUBLISHER_CONTACT")
PUBLISHER_ABOUT = text_from_env("PUBLISHER_ABOUT")
PUBLISHER_FUNDING = text_from_env("PUBLISHER_FUNDING")


# Whether readers may report errors (docs/reader-reports.md): the only thing that the public can write. Off,
# the site is read-only for everybody but the desk.
READER_REPORTS = flag_from_env("READER_REPORTS")


# --- Safety at start-up ---------------------------------------------------------------------------


def secret_key_from_env() -> str:
    key = text_from_env("SECRET_KEY")
    if DEBUG:
        return key or "django-insecure-for-development-only-never-with-debug-off"
    how = (
        "Set SECRET_KEY to the output of: "
        'python3 -c "import secrets; print(secrets.token_urlsafe(50))" '
        "and keep it secret and unchanged."
    )
    if not key:
        raise ImproperlyConfigured(f"SECRET_KEY is missing and DEBUG is off. {how}")
    # The same three tests as Django's own security.W009, which would only warn.
    if len(key) < 50 or len(set(key)) < 5 or key.startswith("django-insecure-"):
        raise ImproperlyConfigured(f"SECRET_KEY is too weak and DEBUG is off. {how}")
    return key


def allowed_hosts_from_env() -> list[str]:
    hosts = list_from_env("ALLOWED_HOSTS")
    hint = (
        "Set ALLOWED_HOSTS to the host names that the site is reached by, separated by commas, "
        "for example: ALLOWED_HOSTS=facts.example.org,www.facts.example.org"
    )
    for host in hosts:
        if "/" in host or any(c.isspace() for c in host):
            raise ImproperlyConfigured(f"ALLOWED_HOSTS holds {host!r}, not a host name. {hint}")
    if not hosts and not DEBUG:
        raise ImproperlyConfigured(f"ALLOWED_HOSTS is empty and DEBUG is off. {hint}")
    return hosts


def csrf_trusted_origins_from_env() -> list[str]:
    origins = list_from_env("CSRF_TRUSTED_ORIGINS")
    for origin in origins:
        if not origin.startswith(("http://", "https://")):
            raise ImproperlyConfigured(
                f"CSRF_TRUSTED_ORIGINS holds {origin!r}: "
                "start each origin with https://, for example https://desk.example.org"
            )
    if SERVED_OVER_HTTPS and SITE_URL not in origins:
        origins.insert(0, SITE_URL)
    return origins


def default_site_url() -> str:
    """https at the first named host, so that whoever forgets SITE_URL is safe; a laptop speaks http."""
    host = ALLOWED_HOSTS[0] if ALLOWED_HOSTS else ""
    if not host or host.startswith((".", "*")) or host in {"127.0.0.1", "localhost", "[::1]"}:
        return "http://127.0.0.1:8000"
    return f"https://{host}"


SECRET_KEY = secret_key_from_env()
ALLOWED_HOSTS = allowed_hosts_from_env()
# Absolute addresses (feeds, JSON-LD, the API) start with this, never with what a request claims.
SITE_URL = origin_from_env("SITE_URL", default_site_url())
SERVED_OVER_HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = csrf_trusted_origins_from_env()

# A site on plain http (a laptop) cannot redirect to https nor send secure cookies.
SECURE_SSL_REDIRECT = SERVED_OVER_HTTPS and not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # a probe speaks plain http to the process
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL_REDIRECT
SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT
SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT
CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
# Trusted only on request: without a proxy in front, any visitor could send this header.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if flag_from_env("TRUST_X_FORWARDED_PROTO") else None
)
# So is the visitor's address behind proxies (config/lockout.py): who can make it up is never locked out.
TRUST_X_FORWARDED_FOR = whole_number_from_env("TRUST_X_FORWARDED_FOR", 0, least=0)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the admin's and the API docs' icons are data: addresses
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}


# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "claims",  # the judgement; before the admin, so that its templates win
    "sources",  # the record
    "config.desk.DeskConfig",  # django.contrib.admin, under our name and with our first page
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",  # runserver serves static files as production does
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "config.desk.KeysConfig",  # rest_framework_api_key: keys of the API, hashed; config/admin.py issues them
    "corsheaders",  # pages of other sites may read what is public
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "csp",
    "axes",  # locks out after repeated failures to sign in
    "django_otp",  # a second factor …
    "django_otp.plugins.otp_totp",  # … from an authenticator
    "django_otp.plugins.otp_static",  # … or a recovery code
    "jobs",  # the background queue; before the next, whose command for workers it replaces
    "django_tasks_db",  # … keeps it in the database
    "django_tasks",  # … and is the interface of Django 6
    "config",  # commands and the pages of people; last, so that they replace those of the packages
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.api_access.middleware",  # outside the three after it: a 304, too, is counted
    "config.google_access.middleware",  # the same, in the shape that Google's clients know
    "config.delivery.PublicGZipMiddleware",  # outside the next, whose ETag is of the page, however it travels
    "django.middleware.http.ConditionalGetMiddleware",
    # Inside it: a 304 leaves the policy that came with the page as it was, also where that is another.
    "csp.middleware.CSPMiddleware",
    "config.delivery.caching",  # outside sessions: it looks whether an answer depends on one
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.delivery.AddressLocaleMiddleware",  # by the address alone: /de/ is German, whoever asks
    "config.reading_access.middleware",  # inside it: its page is in that language
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",  # after it: whether the session has shown a second factor
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",  # after authentication: it notes who
    "axes.middleware.AxesMiddleware",  # last: puts its page in the place of a refused sign-in's
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "claims.context.site",
            ],
        },
    },
]


# --- Database -------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# IMMEDIATE: a writer queues at its first statement instead of failing half-way through.
# WAL: readers do not wait for the writer; NORMAL is durable enough beside it.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,  # seconds that a writer waits for another
    "init_command": ("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"),
}


def database_from_env() -> dict[str, Any]:
    url = text_from_env("DATABASE_URL")
    if not url:
        (BASE_DIR / "var").mkdir(exist_ok=True)
        url = f"sqlite:///{BASE_DIR / 'var' / 'counterclaim.sqlite3'}"
    hint = (
        "set it to postgresql://user:password@host:5432/name or sqlite:////absolute/path.sqlite3, "
        "or leave it out for a SQLite file in var/."
    )
    scheme = url.partition("://")[0]
    # The address itself is not repeated in a message: it may hold a password.
    if scheme not in {"sqlite", "postgres", "postgresql"} or "://" not in url:
        raise ImproperlyConfigured(f"DATABASE_URL is not the address of a database: {hint}")
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {hint}") from error
    if not database["NAME"]:
        raise ImproperlyConfigured(f"DATABASE_URL names no database: {hint}")
    options = database.setdefault("OPTIONS", {})
    if scheme == "sqlite":
        options.update(SQLITE_OPTIONS)
        # Opening the file and its PRAGMAs cost a millisecond for each request: keep it open.
        database["CONN_MAX_AGE"] = None
    else:
        # A reader is told within seconds that the database is away, not after half a minute.
        pool_size = whole_number_from_env("DATABASE_POOL_SIZE", 4)
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 5}
        # It takes PostgreSQL longer to compile a query of the search than to answer it.
        options.setdefault("options", "-c jit=off")
        database["CONN_MAX_AGE"] = 0  # the pool keeps connections; Django must give them back
        database["CONN_HEALTH_CHECKS"] = True  # the pool replaces one that the server has dropped
    return database


DATABASES = {"default": database_from_env()}


# --- Background work (docs/jobs.md) ---------------------------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# Tasks that are enqueued once a day, at a time in UTC, by whichever worker sees first that it has come.
JOBS_DAILY = {
    "claims.bulk.tasks.export_data": "02:30",
    "claims.search.tasks.embed_missing": "03:00",
    "claims.search.duplicate_tasks.find_new": "03:15",
    "jobs.tasks.prune": "03:30",
    "sources.tasks.archive_stale": "04:00",
    "sources.tasks.check_links": "04:30",
    "sources.tasks.verify_snapshots": "05:00",
}
# What a worker asks every few seconds: whether there is something to enqueue.
JOBS_WATCHES = [
    "claims.webhooks.look_out",
    "claims.search.tasks.look_out",
    "claims.search.duplicate_tasks.look_out",
]

# A receiver on one's own machine, by http, on any port: to try things out, never on a server, where whoever
# may add a webhook could reach what listens on it alone.
WEBHOOKS_TO_THIS_MACHINE = flag_from_env("WEBHOOKS_TO_THIS_MACHINE")


# --- Fetching sources (docs/fetching.md) ----------------------------------------------------------

# For tests, which have no other servers: sources from this machine, on any port. Never on a server, where
# whoever may add a source could read what listens on it alone.
FETCH_FROM_THIS_MACHINE = flag_from_env("FETCH_FROM_THIS_MACHINE")
FETCH_GAP = whole_number_from_env("FETCH_GAP", 1, least=0)  # seconds between two requests to a host
# Seconds until a host is asked again that a killed process was at; more than any visit takes.
FETCH_LEASE = whole_number_from_env("FETCH_LEASE", 300)


# --- The archive (docs/archive.md) ----------------------------------------------------------------

# Whether sources are archived unasked: those of a verdict that is published, and nightly what was not for so
# many days. Off, only what somebody asks for is.
ARCHIVING = flag_from_env("ARCHIVING", default=True)
ARCHIVE_STALE_DAYS = whole_number_from_env("ARCHIVE_STALE_DAYS", 30)


# --- The log (docs/log.md) ------------------------------------------------------------------------


def log_key_from_env() -> str:
    """What the checkpoints of the log are signed with; empty where nothing is."""
    value = text_from_env("LOG_KEY")
    try:
        if value:
            SigningKey.parse(value)
    except KeyFormatError as error:
        # The key itself is not repeated in a message.
        raise ImproperlyConfigured(
            f"LOG_KEY cannot be read: {error} Set it to the output of manage.py make_log_key."
        ) from None
    return value


LOG_KEY = log_key_from_env()


# --- Static files, uploads ------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "archive": archive_storage_from_env(BASE_DIR / "var" / "archive"),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a claim is edited with all its rows, a dozen fields each


# --- Bulk data (docs/bulk-data.md) ----------------------------------------------------------------

# Where `manage.py export_data` leaves everything that is published, and /data/ finds it.
DATA_ROOT = Path(text_from_env("DATA_ROOT", str(BASE_DIR / "var" / "data"))).absolute()


def data_licence_from_env() -> str:
    """The address of the licence that the data are under; empty where the publisher has stated none."""
    value = text_from_env("DATA_LICENCE")
    if value and not (value.startswith(("https://", "http://")) and len(value.split()) == 1):
        raise ImproperlyConfigured(
            f"DATA_LICENCE is {value!r}: set it to the address of a licence, such as "
            "https://creativecommons.org/licenses/by/4.0/, or leave it out."
        )
    return value


DATA_LICENCE = data_licence_from_env()


# --- The index of what claims mean (docs/matching-index.md) ---------------------------------------

# Where the processes of this machine share it, as files. All in there can be made again from the database.
SEARCH_ROOT = Path(text_from_env("SEARCH_ROOT", str(BASE_DIR / "var" / "search"))).absolute()


def vector_index_from_env() -> str:
    value = text_from_env("VECTOR_INDEX", "auto").lower()
    if value not in {"auto", "files", "pgvector"}:
        raise ImproperlyConfigured(f"VECTOR_INDEX is {value!r}: set it to auto, files or pgvector.")
    if value == "pgvector" and "postgresql" not in DATABASES["default"]["ENGINE"]:
        raise ImproperlyConfigured(
            "VECTOR_INDEX is pgvector, and the database is not PostgreSQL: set it to auto or files."
        )
    return value


# `auto`: pgvector where the server of the database offers it, else files.
VECTOR_INDEX = vector_index_from_env()


# --- People ---------------------------------------------------------------------------------------

# Long and not guessable; no rule about kinds of characters, which makes passwords worse (OWASP ASVS 5, V6.2).
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: refuses who is locked out
    "config.second_factor.Backend",
]
LOGIN_URL = "admin:login"


def second_factor_from_env() -> str:
    value = text_from_env("SECOND_FACTOR", "optional").lower()
    if value not in {"optional", "editors", "everybody"}:
        raise ImproperlyConfigured(
            f"SECOND_FACTOR is {value!r}: set it to optional, editors or everybody."
        )
    return value


SECOND_FACTOR = second_factor_from_env()
OTP_TOTP_ISSUER = f"{PUBLISHER_NAME} desk"  # what the authenticator lists the account under
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# Lock-out, docs/sign-in.md: five failures under one name from one address, thirty from one address.
AXES_HANDLER = "config.lockout.LockoutHandler"
AXES_FAILURE_LIMIT = 5
FAILURES_FROM_ADDRESS = 30
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says until when, and that stands
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # the address alone: LockoutHandler
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "config.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "config.lockout.client_address"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken", "code"]
AXES_ENABLE_ADMIN = False  # config/admin.py shows less of it
AXES_VERBOSE = False

# A working day with its pauses, not a night: config/sessions.py.
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_AGE = 2 * 60 * 60  # seconds without a request
SESSION_LONGEST = 12 * 60 * 60  # seconds since signing in
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# History shows who changed what; going back is a new edit, under the same rules as any other.
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True


# --- Language and time ----------------------------------------------------------------------------

# The desk works in English, and so does the API. The readers' pages come in each of these languages, under
# an address of their own: /claims/ and /de/claims/ (config/urls.py).
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("ru", "Русский"), ("uk", "Українська")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True
TIME_ZONE = "UTC"


# --- The API --------------------------------------------------------------------------------------

# Read-only and public: it looks at no cookie, and a key shows nothing more (config/api_access.py).
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_FILTER_BACKENDS": ["claims.api.strictness.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "claims.api.pagination.CursorPages",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "claims.api.formats.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "claims.api.problems.answer",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS answers 405 (claims/api/strictness.py)
    "URL_FORMAT_OVERRIDE": None,  # ?format= is read by claims.api.formats.Negotiation
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Counterclaim",
    "DESCRIPTION": "Claims, rebuttals, evidence for and against, and verdicts with their history.",
    "VERSION": VERSION,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "claims.api.schema.describe",
    ],
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    # Three things have a kind: without names of our own, their enumerations would be numbered.
    "ENUM_NAME_OVERRIDES": {
        "ClaimKind": "claims.models.claim.ClaimKind",
        "SourceKind": "sources.models.source.SourceKind",
        "SpeakerKind": "sources.models.speaker.SpeakerKind",
        "RenditionKind": "sources.models.source.Rendition",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    # The docs page loads its files from this site, not from a foreign host.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Nor does it ask a foreign validator what it thinks of the document.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}

# Requests answered in a minute: to one address, and to one key. A mirror that reads 600 rows a minute, a page
# of 200 at a time, has 100,000 claims in a minute, and with a key each of them in full within 20.
API_LIMIT_ANONYMOUS = whole_number_from_env("API_LIMIT_ANONYMOUS", 600)
API_LIMIT_WITH_KEY = whole_number_from_env("API_LIMIT_WITH_KEY", 6_000)
# A text that is pasted takes seconds.
PAGE_LIMIT_SENT = whole_number_from_env("PAGE_LIMIT_SENT", 60)
# A report takes a person's time: so many an hour from one address, with those that come back with a fault.
REPORT_LIMIT_SENT = whole_number_from_env("REPORT_LIMIT_SENT", 10)

# Pages of any other site may read what programs read: no cookie is looked at there, so nothing is given away.
CORS_ALLOW_ALL_ORIGINS = True
CORS_URLS_REGEX = (
    r"^(/(api|v1alpha1|\$discovery|data)/|/oembed/?$|/.*\.jsonld$"
    r"|/feeds/.*\.atom$|/claims/[^/]+/citation\.(json|bib)$)"
)
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]  # texts to match are sent
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "cache-control", "content-type"),
    *("if-none-match", "range", "x-api-key"),
    *("x-goog-api-key", "x-goog-fieldmask"),
]
CORS_EXPOSE_HEADERS = [
    *("API-Version", "Deprecation", "ETag", "Link"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "Sunset"),
]


def caches_from_env() -> dict[str, Any]:
    """What the worker processes of the site share: the numbers of requests to the API.

    Without Redis they are files in var/, which needs no service. Two processes that count in the same instant
    may then count once, and several machines count each for itself: good enough to keep a site answering.
    """
    url = text_from_env("REDIS_URL")
    if not url:
        return {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": BASE_DIR / "var" / "cache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    # The address itself is not repeated in a message: it may hold a password.
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(
            "REDIS_URL is not the address of a Redis: set it to redis://127.0.0.1:6379/0, or leave it out."
        )
    if find_spec("redis") is None:
        raise ImproperlyConfigured(
            "REDIS_URL is set, and its client is not installed: pip install 'counterclaim[redis]'."
        )
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        # A cache that hangs must not hold up answers: without it, nobody is counted.
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }


CACHES = {"default": caches_from_env()}


# --- Logging --------------------------------------------------------------------------------------


def log_level_from_env() -> str:
    level = text_from_env("LOG_LEVEL", "INFO").upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ImproperlyConfigured(
            f"LOG_LEVEL is {level!r}: set it to DEBUG, INFO, WARNING, ERROR or CRITICAL."
        )
    return level


# Everything goes to the console: keeping it is the task of whatever runs the process.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": log_level_from_env()},
    # Without this, Django with DEBUG off would send errors by mail and not show them.
    # django-axes says of every sign-in that it happened: the admin shows that, with name and address.
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "axes": {"level": "WARNING"},
    },
}
