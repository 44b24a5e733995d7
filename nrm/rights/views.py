"""Who may see what, who may do what: a page for everybody who is signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nrm.rights import tables
from profiles.profile import active


@require_safe
def rights(request: HttpRequest) -> HttpResponse:
    """Both tables, from the same data that the application asks."""
    seen = [_("Category"), _("Offered by default"), _("May be granted"), _("Never")]
    context = {
        "by_category": tables.grants_by_category(),
        "by_kind": tables.grants_by_kind(),
        "without_grants": ", ".join(tables.without_grants()),
        "subjects": tables.acts(),
        "country": active().name,
        "category_columns": seen,
        "kind_columns": [_("Organisation"), *seen[1:]],
        "act_columns": [_("Act"), _("Who")],
    }
    return render(request, "rights/rights.html", context)


urlpatterns = [path("who-may/", rights, name="rights")]
