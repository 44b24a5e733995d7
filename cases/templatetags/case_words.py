"""``{% load case_words %}``: codes of the case file in words."""

from collections.abc import Iterable

from django import template

from accounts.models import Organisation
from cases.masking import Given, Names
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


@register.filter
def named(organisation: Organisation | None, names: Names) -> str:
    """An organisation in the only case that ``names`` are of, as the reader may see it; nothing for none."""
    return names.of(organisation).name if organisation else ""


@register.filter
def receiver(given: Given, names: Names) -> str:
    """To whom a share or referral was given, as the reader may see it."""
    return names.receiver(given).name


@register.filter
def giver(given: Given, names: Names) -> str:
    """Who gave a share or referral, as the reader may see it."""
    return names.giver(given).name
