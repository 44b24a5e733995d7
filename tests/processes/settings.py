"""Settings of real processes in tests: those of the house in test mode, with beats that ring every second."""

import os
from pathlib import Path

os.environ.setdefault("NRM_MODE", "test")

from nrm.settings import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = Path(os.environ["NRM_TEST_HOME"]) / "mail"
CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": 1.0}
    for name, entry in CELERY_BEAT_SCHEDULE.items()  # noqa: F405
    if name in {"tick", "mail"}
}
