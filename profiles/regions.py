"""A region is one of the country's, wherever it is written down."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.errors import Refused
from profiles.profile import active


def require_regions(regions: Iterable[str], *, field: str = "region") -> None:
    """Raise ``Refused`` for a region that the profile does not have; none named is none."""
    if any(region and region not in active().regions for region in regions):
        raise Refused(_("Choose a region from the list."), field=field)


def own_region(region: str) -> str:
    """``region``, or none where the profile does not have it: what was written under another profile."""
    return region if region in active().regions else ""
