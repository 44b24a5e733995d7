"""Settings of the test suite: those of the house in test mode, with the cheapest password hasher."""

import os

os.environ.update(NRM_MODE="test", NRM_ROLE="app")

from nrm.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The address is filled in when the run's own cluster has started (tests/conftest.py); nothing listens on port 1.
DATABASE_URL = "postgresql://127.0.0.1:1/nrm"
DATABASES["default"].update(HOST="127.0.0.1", PORT="1", NAME="nrm")  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Robots that walk through the whole house; tests of the limits set their own.
CASE_PAGES_PER_MINUTE = CASE_PAGES_PER_HOUR = 1_000_000
# The words of a fault are of use here; in the house they are kept out of the log.
LOGGING["handlers"]["console"]["filters"] = []  # type: ignore[index]  # noqa: F405

# Counts of one test limit no other, and a test without database has limits too.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
