"""Addresses of worklist and dashboard. ``home`` itself is wired in ``nrm.urls``."""

from django.urls import path

from reporting import views

app_name = "reporting"
urlpatterns = [
    path("my-work/", views.my_work, name="worklist"),
    path("dashboard/", views.national_dashboard, name="dashboard"),
    path("dashboard/own/", views.own_dashboard, name="own_dashboard"),
    path("dashboard/overdue/", views.national_overdue, name="overdue"),
    path("dashboard/own/overdue/", views.own_overdue, name="own_overdue"),
]
