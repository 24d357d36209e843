"""Django's settings. Where the database is comes from the environment the command prepared."""

from __future__ import annotations

import json
import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tahseel.app import paths

SLICES = [
    "tahseel.kernel",
    "tahseel.trust.audit",
    "tahseel.trust.access",
    "tahseel.trust.approvals",
    "tahseel.trust.notices",
    "tahseel.registry.customers",
    "tahseel.registry.premises",
    "tahseel.registry.meters",
    "tahseel.registry.supply",
    "tahseel.registry.feeds",
    "tahseel.consumption.readings",
    "tahseel.consumption.exceptions",
    "tahseel.consumption.field",
    "tahseel.consumption.metrology",
    "tahseel.consumption.appointments",
    "tahseel.books.ledger",
    "tahseel.books.claims",
    "tahseel.books.payments",
    "tahseel.books.deposits",
    "tahseel.books.transfers",
    "tahseel.charging.charges",
    "tahseel.charging.sales",
    "tahseel.charging.billing",
    "tahseel.recovery.collections",
    "tahseel.recovery.government",
    "tahseel.recovery.clearance",
    "tahseel.channels.pages",
    "tahseel.channels.printing",
    "tahseel.channels.services",
    "tahseel.channels.approving",
    "tahseel.channels.timeline",
    "tahseel.channels.bodies",
    "tahseel.channels.places",
    "tahseel.channels.metering",
    "tahseel.channels.rounds",
    "tahseel.channels.desk",
    "tahseel.channels.accounts",
    "tahseel.channels.portal",
    "tahseel.channels.cockpit",
    "tahseel.app",
]


def _exists(module: str) -> bool:
    try:
        return find_spec(f"{module}.apps") is not None
    except ModuleNotFoundError:
        return False


def _secret_key() -> str:
    given = os.environ.get("TAHSEEL_SECRET_KEY")
    if given:
        return given
    file = paths.var() / "keys" / "sessions"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, file)  # atomic: the first of two starts wins, the other reads it
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text()


def _connection(variable: str) -> dict[str, Any]:
    info = json.loads(os.environ.get(variable, "{}"))
    options = {
        k: v for k, v in info.items() if k not in {"host", "port", "user", "password", "dbname"}
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": info.get("dbname", "tahseel"),
        "USER": info.get("user", "tahseel_app"),
        "PASSWORD": info.get("password", ""),
        "HOST": info.get("host", ""),
        "PORT": str(info.get("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "tahseel", **options},
    }


BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("TAHSEEL_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    *[module for module in SLICES if _exists(module)],
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tahseel.channels.pages.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tahseel.channels.pages.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "tahseel.channels.pages.middleware.WithoutNul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tahseel.trust.access.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tahseel.app.urls"
WSGI_APPLICATION = "tahseel.app.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tahseel.channels.pages.context.page",
            ],
        },
    },
]

DATABASES = {"default": _connection("TAHSEEL_CONNECTION")}
if "TAHSEEL_OWNER_CONNECTION" in os.environ:
    DATABASES["owner"] = _connection("TAHSEEL_OWNER_CONNECTION")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
CLOCK = "tahseel.app.clock.now"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "tahseel.trust.access.throttle.client_address"
PROXIES = int(os.environ.get("TAHSEEL_PROXIES", "0"))

LANGUAGE_CODE = "ar"
LANGUAGES = [("ar", "العربية"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "tahseel_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS: list[Path] = []
USE_I18N = True
TIME_ZONE = "Asia/Kuwait"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = paths.var() / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

PAGES_NAVIGATION = "tahseel.app.navigation.items"
PAGES_SIGN_OUT = "access:sign_out"
PAGES_DIGITS = "latn"
CSRF_FAILURE_VIEW = "tahseel.channels.pages.errors.csrf_failed"
TOO_MANY_VIEW = "tahseel.channels.pages.errors.too_many"

SECURE_COOKIES = os.environ.get("TAHSEEL_HTTPS") == "1"
SESSION_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

PUBLIC_URL = os.environ.get("TAHSEEL_PUBLIC_URL", "http://127.0.0.1:8000")
KNET_URL = os.environ.get("TAHSEEL_KNET_URL", "http://127.0.0.1:8002")
# The terminal's credentials come from the bank; these are the ones of the simulator.
KNET_TERMINAL = {
    "id": os.environ.get("TAHSEEL_KNET_ID", "123401"),
    "password": os.environ.get("TAHSEEL_KNET_PASSWORD", "knet-demo-1"),
    "resource_key": os.environ.get("TAHSEEL_KNET_KEY", "DEMOKEY0DEMOKEY0"),
}
# Where the registries are; without an address no feed is read. The keys are the simulator's.
REGISTRIES_URL = os.environ.get("TAHSEEL_REGISTRIES_URL", "")
REGISTRIES_KEYS = json.loads(os.environ.get("TAHSEEL_REGISTRIES_KEYS", "null")) or {
    "civil": ["civil-1", "wFNJNcw1UQ0y6uSBBevOPVCHBOs/e5Q8ILJT7cgKTFo="],
    "interior": ["interior-1", "QjO5LFiwk14Yn3SrM130aig6LADeyd/f/v395u/24vA="],
    "justice": ["justice-1", "Zx/WFoJwl5m9450zhs+k4Jtp3/oKUILQioy1awxUhB0="],
}
# The firm that carries text messages; these are the credentials of the simulator.
SMS_URL = os.environ.get("TAHSEEL_SMS_URL", "http://127.0.0.1:8003")
SMS_SUBSCRIPTION = {
    "username": os.environ.get("TAHSEEL_SMS_USERNAME", "tahseel"),
    "password": os.environ.get("TAHSEEL_SMS_PASSWORD", "sms-demo-1"),
    "sender": os.environ.get("TAHSEEL_SMS_SENDER", "MEW"),
}
# Where linked agencies take what they are told of holds and releases: {"moi": "https://..."}.
PARTNERS = json.loads(os.environ.get("TAHSEEL_PARTNERS", "{}"))
PAYMENT_FORM_HOSTS = [KNET_URL]
RAW_FILES = paths.var() / "raw"
LAKE = os.environ.get("TAHSEEL_LAKE", str(paths.var() / "lake"))
MEASURES = paths.var() / "measures"
FONTS = paths.var() / "fonts"
REPLICA = paths.var() / "replica"
GATEWAY_SOCKET = paths.sockets() / "gateway.sock"
KEYS = paths.var() / "keys"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
