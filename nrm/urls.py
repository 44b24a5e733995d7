"""The map of the house. Every address here stands in the access matrix of the tests."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from core.styleguide import styleguide
from nrm.health import healthz
from nrm.lock import hide, locked
from nrm.rights import views as rights
from reporting.views import home

urlpatterns = [
    path("", home, name="home"),
    path("styleguide/", styleguide, name="styleguide"),
    path("healthz", healthz, name="healthz"),
    *rights.urlpatterns,
    path("lock/", hide, name="hide"),
    path("locked/", locked, name="locked"),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("account/", include("accounts.sign_in_urls")),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("api/v1/", include("nrm.api_urls")),
    path("", include("accounts.urls")),
    path("", include("cases.urls")),
    path("", include("referrals.urls")),
    path("", include("reporting.urls")),
]
handler500 = "nrm.faults.server_error"
