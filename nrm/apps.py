"""The composition root as an app: its commands and its system checks."""

from django.apps import AppConfig

from nrm import checks as checks  # registers them


class NrmConfig(AppConfig):
    name = "nrm"
