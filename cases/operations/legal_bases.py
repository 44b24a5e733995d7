"""Which legal basis may be used, asked of the table of the profile (``sharing.md`` rule 21). Refusals: ``refusals``."""

from collections.abc import Collection, Mapping
from typing import Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from cases.enums import SHAREABLE
from cases.models import Case
from cases.operations.authorship import organisation_of
from core.errors import Refused
from profiles import codes
from profiles.bases import OBLIGATION, Asked, Bound, LegalBasis, Line
from profiles.profile import active

# Which question of a form the answer to each limit belongs to; the rest belong to the legal basis, or the provision.
ELSEWHERE: Final[Mapping[Bound, str]] = {Bound.CATEGORIES: "categories"}


def asked_by(
    giver: Organisation,
    *,
    is_child: bool,
    to: Organisation | None = None,
    purpose: str = "",
    categories: Collection[str] = (),
    registers: bool = False,
) -> Asked:
    """The question to the table: what ``giver`` wants to do in a case. ``to`` None: with nobody in particular."""
    return Asked(
        giver=giver.kind,
        offers=frozenset(giver.services),
        is_child=is_child,
        receiver=to.kind if to is not None else "",
        purpose=purpose,
        categories=frozenset(categories),
        registers=registers,
    )


def giver_of(actor: Actor) -> Organisation:
    """The organisation that shares, with its kind and services."""
    return Organisation.objects.only("id", "kind", "services").get(pk=organisation_of(actor))


def require_basis(asked: Asked, legal_basis: str, provision: str = "") -> None:
    """Raise ``Refused`` at the field that is to be mended when the table does not allow what is asked."""
    found = active().legal_bases.get(legal_basis)
    if found is None:
        raise Refused(_("Say on which legal basis this is shared."), field="legal_basis")
    _refuse(found.limit(asked), asked, "legal_basis")
    if legal_basis != OBLIGATION:
        if provision:
            raise Refused(_("Only a legal obligation names a provision. Leave it empty."), field="provision")
        return
    named = active().provisions.get(provision)
    if named is None or named.by_office:
        raise Refused(_("Choose the provision of law that obliges you."), field="provision")
    _refuse(named.limit(asked), asked, "provision")


def is_allowed(asked: Asked, legal_basis: str, provision: str = "") -> bool:
    """True when ``require_basis`` does not refuse."""
    try:
        require_basis(asked, legal_basis, provision)
    except Refused:
        return False
    return True


def usable(asked: Asked) -> list[str]:
    """The codes of the bases on which what is asked can be done; a legal obligation only with a provision for it."""
    bases: Mapping[str, LegalBasis] = active().legal_bases
    listed = [code.code for code in codes.get("legal_basis") if bases[code.code].allows(asked)]
    return [code for code in listed if code != OBLIGATION or usable_provisions(asked)]


def usable_provisions(asked: Asked) -> list[tuple[str, str]]:
    """The provisions that oblige to what is asked, as choices; those that an office names are nobody's choice."""
    every = active().provisions.values()
    return [(one.code, one.name.label()) for one in every if not one.by_office and one.limit(asked) is None]


def provision_label(code: str) -> str:
    """The words for a provision; one that the profile does not have (any more) is shown as it is."""
    found = active().provisions.get(code)
    if found is not None:
        return found.name.label()
    return _("Not recorded") if code == "unstated" else code


def basis_label(legal_basis: str, provision: str = "") -> str:
    """The words for a basis, with the provision that a legal obligation names."""
    words = codes.get("legal_basis").label(legal_basis)
    return f"{words}: {provision_label(provision)}" if provision else words


def is_child(case: Case) -> bool:
    """Whether the lines for children count: while the child branch is open, so also of uncertain age."""
    return case.is_child_branch


def _refuse(limit: tuple[Bound, Line] | None, asked: Asked, field: str) -> None:
    if limit is None:
        return
    bound, line = limit
    raise Refused(_words(bound, line, asked), field=ELSEWHERE.get(bound, field))


def _words(bound: Bound, line: Line, asked: Asked) -> str:
    match bound:
        case Bound.GIVER:
            return _("An organisation of your kind cannot use this legal basis. Choose another.")
        case Bound.OFFERS:
            return _("Only an organisation that itself provides care under professional secrecy can use this.")
        case Bound.AGE:
            return (
                _("This legal basis is for adults only.")
                if asked.is_child
                else _("This legal basis is for children only.")
            )
        case Bound.RECEIVER:
            return _("On this legal basis nothing goes to an organisation of this kind. Choose another basis.")
        case Bound.PURPOSE:
            return _(
                "This legal basis does not serve this purpose. Choose another basis, or the purpose that is meant."
            )
        case _:
            beyond = [category for category in SHAREABLE if category in asked.categories - line.categories]
            names = ", ".join(str(category.label) for category in beyond)
            return _("This legal basis does not cover: %(categories)s. Take these away.") % {"categories": names}
