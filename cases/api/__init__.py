"""The case file by REST: the forms and operations of the pages. Each subject lists its own addresses."""

from cases.api import (
    case,
    clocks,
    consent,
    decisions,
    doubles,
    emergency,
    guardianship,
    inbox,
    location,
    looks,
    reflection,
    registration,
    rows,
    shares,
    team,
)

urlpatterns = [
    *registration.urlpatterns,
    *case.urlpatterns,
    *clocks.urlpatterns,
    *team.urlpatterns,
    *rows.urlpatterns,
    *looks.urlpatterns,
    *consent.urlpatterns,
    *shares.urlpatterns,
    *decisions.urlpatterns,
    *reflection.urlpatterns,
    *guardianship.urlpatterns,
    *doubles.urlpatterns,
    *inbox.urlpatterns,
    *location.urlpatterns,
    *emergency.urlpatterns,
]
