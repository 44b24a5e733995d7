"""``{% load case_words %}``: codes of the case file in words."""

from collections.abc import Iterable

from django import template

from cases.models import Consent, Share
from cases.operations.legal_bases import basis_label
from profiles import codes

register = template.Library()


@register.filter
def code_label(code: str, name: str) -> str:
    """The words of a code of the list ``name``; nothing for an empty code."""
    return codes.get(name).label(code) if code else ""


@register.filter
def basis_words(row: Share | Consent) -> str:
    """The legal basis of a share or of a row of the register, with the provision that it names."""
    return basis_label(row.legal_basis, row.provision)


@register.filter
def category_names(categories: Iterable[str]) -> str:
    """Categories in words, in the order of the file."""
    return ", ".join(codes.get("category").labels(categories))
