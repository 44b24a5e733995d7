"""Settings of the processes under faults: those of the house, with beats that ring every second and mail by SMTP."""

import os

os.environ.setdefault("NRM_MODE", "test")

from nrm.settings import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS, EMAIL_TIMEOUT = "127.0.0.1", int(os.environ["NRM_CHAOS_SMTP"]), False, 1
CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": 1.0}
    for name, entry in CELERY_BEAT_SCHEDULE.items()  # noqa: F405
    if name in {"tick", "mail", "reconcile"}
}
