"""Addresses of people and organisations; signing in itself is django-allauth's, under ``/account/``."""

from django.urls import path

from accounts.views import account, invitation, members, organisations, role_grants

app_name = "accounts"

urlpatterns = [
    path("members/", members.members, name="members"),
    path("members/invite/", members.invite, name="invite_member"),
    path("members/<uuid:pk>/roles/", members.roles, name="change_roles"),
    path("members/<uuid:pk>/suspend/", members.suspend, name="suspend_member"),
    path("members/<uuid:pk>/reinstate/", members.reinstate, name="reinstate_member"),
    path("members/<uuid:pk>/end/", members.end, name="end_membership"),
    path("members/invitations/<uuid:pk>/revoke/", members.revoke, name="revoke_invitation"),
    path("roles/", role_grants.role_grants, name="role_grants"),
    path("roles/<uuid:pk>/", role_grants.role_grant, name="role_grant"),
    path("roles/<uuid:pk>/confirm/", role_grants.confirm_roles, name="confirm_roles"),
    path("roles/<uuid:pk>/refuse/", role_grants.refuse_roles, name="refuse_roles"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/new/", organisations.create, name="create_organisation"),
    path("organisations/<uuid:pk>/", organisations.organisation, name="organisation"),
    path("organisations/<uuid:pk>/edit/", organisations.update, name="update_organisation"),
    path("organisations/<uuid:pk>/suspend/", organisations.suspend, name="suspend_organisation"),
    path("organisations/<uuid:pk>/reinstate/", organisations.reinstate, name="reinstate_organisation"),
    path("organisations/<uuid:pk>/administrator/", organisations.administrator, name="invite_first_administrator"),
    path("invitation/<str:token>/", invitation.accept, name="accept_invitation"),
    path("active-organisation/", account.active_organisation, name="active_organisation"),
    path("account/", account.account, name="account"),
    path("account/pin/", account.pin, name="set_pin"),
    path("account/sign-out-everywhere/", account.sign_out, name="sign_out_everywhere"),
]
