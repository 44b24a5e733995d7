"""Addresses of the case file. Each subject lists its own, as full paths, in ``urlpatterns`` of its view module."""

from cases.views import (
    case,
    consent,
    decisions,
    doubles,
    draft_pages,
    drafts,
    duties,
    guardianship,
    history,
    inbox,
    links,
    looks,
    members,
    names,
    own_shares,
    reflection,
    registration,
    rows,
    search,
    shares,
)

app_name = "cases"
# Search comes first: its address looks like the reference of a case.
urlpatterns = [
    *search.urlpatterns,
    *inbox.urlpatterns,
    *drafts.urlpatterns,
    *draft_pages.urlpatterns,
    *registration.urlpatterns,
    *case.urlpatterns,
    *duties.urlpatterns,
    *members.urlpatterns,
    *names.urlpatterns,
    *consent.urlpatterns,
    *shares.urlpatterns,
    *own_shares.urlpatterns,
    *decisions.urlpatterns,
    *reflection.urlpatterns,
    *guardianship.urlpatterns,
    *history.urlpatterns,
    *doubles.urlpatterns,
    *links.urlpatterns,
    *looks.urlpatterns,
    *rows.urlpatterns,
]
