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
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.api_settings import *  # noqa: F403 -- the names in its __all__
from config.archive import archive_storage_from_env
from config.counting import cache_from_env
from config.database import database_from_env, vector_index_from_env
from config.environment import (
    choice_from_env,
    flag_from_env,
    text_from_env,
    whole_number_from_env,
)
from config.safety import (
    allowed_hosts_from_env,
    csrf_trusted_origins_from_env,
    secret_key_from_env,
    site_url_from_env,
)

BASE_DIR = Path(__file__).resolve().parent.parent


# --- What this site is ----------------------------------------------------------------------------

DEBUG = flag_from_env("DEBUG")

PUBLISHER_NAME = text_from_env("PUBLISHER_NAME", "Counterclaim")
PUBLISHER_CONTACT = text_from_env("PUBLISHER_CONTACT")
PUBLISHER_ABOUT = text_from_env("PUBLISHER_ABOUT")
PUBLISHER_FUNDING = text_from_env("PUBLISHER_FUNDING")


# --- Safety at start-up ---------------------------------------------------------------------------

SECRET_KEY = secret_key_from_env(debug=DEBUG)
ALLOWED_HOSTS = allowed_hosts_from_env(debug=DEBUG)
# Absolute addresses (feeds, JSON-LD, the API) start with this, never with what a request claims.
SITE_URL = site_url_from_env(ALLOWED_HOSTS)
SERVED_OVER_HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = csrf_trusted_origins_from_env(SITE_URL)

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


DATABASES = {"default": database_from_env(BASE_DIR / "var")}


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


# `auto`: pgvector where the server of the database offers it, else files.
VECTOR_INDEX = vector_index_from_env(DATABASES["default"]["ENGINE"])


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

SECOND_FACTOR = choice_from_env(
    "SECOND_FACTOR", "optional", "editors", "everybody", default="optional"
)
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


# Requests answered in a minute: to one address, and to one key. A mirror that reads 600 rows a minute, a page
# of 200 at a time, has 100,000 claims in a minute, and with a key each of them in full within 20.
API_LIMIT_ANONYMOUS = whole_number_from_env("API_LIMIT_ANONYMOUS", 600)
API_LIMIT_WITH_KEY = whole_number_from_env("API_LIMIT_WITH_KEY", 6_000)
# A text that is pasted takes seconds.
PAGE_LIMIT_SENT = whole_number_from_env("PAGE_LIMIT_SENT", 60)


CACHES = {"default": cache_from_env(BASE_DIR / "var" / "cache")}


# --- Logging --------------------------------------------------------------------------------------


# Everything goes to the console: keeping it is the task of whatever runs the process.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": choice_from_env(
            "LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", default="INFO"
        ),
    },
    # Without this, Django with DEBUG off would send errors by mail and not show them.
    # django-axes says of every sign-in that it happened: the admin shows that, with name and address.
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "axes": {"level": "WARNING"},
    },
}
