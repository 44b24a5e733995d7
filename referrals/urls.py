"""Addresses of referrals. Each subject lists its own, as full paths, in ``urlpatterns`` of its view module."""

from referrals.views import consent, lists, new, page

app_name = "referrals"
urlpatterns = [*consent.urlpatterns, *lists.urlpatterns, *new.urlpatterns, *page.urlpatterns]
