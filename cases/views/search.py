"""Finding a case: by its exact reference, or by words of the own working label, within what is visible."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from accounts.http import Request
from cases import access as door
from cases.forms.search import SearchForm
from cases.operations import labels
from core import reference
from core.errors import Missing
from core.forms import render_form

LONGEST: Final = 100
LENGTH: Final = reference.LENGTH + 1


def search(request: Request) -> HttpResponse:
    """A reference leads to its case; hidden and absent get the same answer. A mistyped one is told so."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    form = SearchForm({"q": asked} if asked else None)
    if asked:
        try:
            return redirect("cases:case", door.get_case(request.actor, reference.parse(asked)).case.shown_reference)
        except reference.NotAReference as error:
            if _looks_like_reference(asked):
                form.add_error("q", str(error.message))
        except Missing:
            pass
    found = labels.find(request.actor, asked) if asked else []
    return render_form(request, "cases/search.html", form, {"asked": asked, "found": found})


def _looks_like_reference(text: str) -> bool:
    """Nine symbols that may stand in a reference, or about as many with a digit among them: meant as one."""
    symbols = reference.symbols_of(text)
    is_near = abs(len(symbols) - LENGTH) <= 1 and any(symbol.isdigit() for symbol in symbols)
    return is_near or (len(symbols) == LENGTH and set(symbols) <= set(reference.ALPHABET))


urlpatterns = [path("cases/search/", search, name="search")]
