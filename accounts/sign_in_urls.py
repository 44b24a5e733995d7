"""Of the addresses of django-allauth those that are used here. With a new mail address one is invited again, so that
the library's pages to change and confirm one, which send its own mail with the person's name, do not exist."""

from typing import Final

from allauth.account import urls

USED: Final = {
    "account_login",
    "account_logout",
    "account_inactive",
    # Closed; the sign-in page of the library asks for its address.
    "account_signup",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
urlpatterns = [one for one in urls.urlpatterns if one.name in USED]
