"""Keys of requests that were carried out, which are remembered for a day."""

from accounts.models import Submission
from core import clock


def erase_expired_submissions() -> int:
    """Erase keys that are older than a day, as role nrm_worker; returns how many. Reading does not wait for it."""
    erased, _by_model = Submission.objects.expired(clock.moment()).delete()
    return erased
