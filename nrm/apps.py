"""The composition root as an app: its commands and its system checks."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from nrm import checks as checks  # registers them


class NrmConfig(AppConfig):
    name = "nrm"

    def ready(self) -> None:
        """Register the checks that read models, which do not exist yet when this file is read."""
        autodiscover_modules("rights.checks")
