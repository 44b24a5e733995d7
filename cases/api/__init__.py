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
    lead,
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
    *lead.urlpatterns,
    *inbox.urlpatterns,
    *location.urlpatterns,
    *emergency.urlpatterns,
]
