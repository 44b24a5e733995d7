"""Addresses of worklist and dashboard. ``home`` itself is wired in ``nrm.urls``."""

from django.urls import path

from reporting import report_views, trail_views, views

app_name = "reporting"
urlpatterns = [
    path("my-work/", views.my_work, name="worklist"),
    path("dashboard/", views.national_dashboard, name="dashboard"),
    path("dashboard/own/", views.own_dashboard, name="own_dashboard"),
    path("dashboard/overdue/", views.national_overdue, name="overdue"),
    path("dashboard/own/overdue/", views.own_overdue, name="own_overdue"),
    path("cases/<str:reference>/report/", report_views.report, name="report"),
    path("cases/<str:reference>/report.pdf", report_views.report_pdf, name="report_pdf"),
    path("audit/", trail_views.requests, name="audit_requests"),
    path("audit/acts/", trail_views.acts, name="audit_acts"),
    path("audit/looks/", trail_views.looks, name="audit_looks"),
    path("audit/hints/", trail_views.hints, name="audit_hints"),
]
