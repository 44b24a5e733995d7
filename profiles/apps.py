"""The app of country profiles and code lists: data in TOML, no models."""

from django.apps import AppConfig

from profiles import codes
from profiles.profile import active


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        """Read all code lists and the profile once: a mistake in the data stops the start, with its file and entry."""
        codes.load_all()
        active()
