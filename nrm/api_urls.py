"""The addresses of the REST API, below ``/api/v1/``; each app lists its own."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated

from accounts import api as accounts
from cases import api as cases
from referrals import api as referrals
from reporting import api as reporting
from reporting import trail_api as audit

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[IsAuthenticated]), name="schema"),
    *accounts.urlpatterns,
    *cases.urlpatterns,
    *referrals.urlpatterns,
    *reporting.urlpatterns,
    *audit.urlpatterns,
]
