"""The organisations. Invented; each name says that it belongs to the demo."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

WEST: Final = ("amsterdam", "noord-holland")
HARBOUR: Final = ("rotterdam", "den-haag")
SOUTH: Final = ("limburg", "oost-brabant", "zeeland-west-brabant")
EAST: Final = ("oost-nederland", "midden-nederland", "noord-nederland")
SHELTERING: Final = ("safe_accommodation", "emergency_accommodation", "supported_living")
POLICING: Final = ("criminal_investigation", "protection")
CASEWORK: Final = ("case_management", "counselling", "information", "social_care")


@dataclass(frozen=True)
class Place:
    """An organisation to be made; without ``serves`` it works in the whole country."""

    name: str
    kind: str
    region: str = ""
    serves: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def is_in(self, region: str) -> bool:
        """True when it works in ``region``."""
        return not self.serves or region in self.serves

    @property
    def full_name(self) -> str:
        """The name as it is shown."""
        return f"{self.name} (demo)"


PLACES: Final[Mapping[str, Place]] = {
    "ngo": Place("Stichting Lantaarn", "ngo", "amsterdam", WEST, CASEWORK),
    "other_ngo": Place("Stichting Kompas", "ngo", "amsterdam", (*WEST, *EAST), (*CASEWORK, "legal_advice")),
    "harbour_ngo": Place("Stichting Loopplank", "ngo", "rotterdam", HARBOUR, CASEWORK),
    "south_ngo": Place("Stichting Heuvelpad", "ngo", "limburg", SOUTH, CASEWORK),
    "work_ngo": Place("Loket Eerlijk Loon", "ngo", services=("counselling", "information", "peer_mentoring")),
    "police": Place("Politie Amsterdam", "police", "amsterdam", WEST, POLICING),
    "other_police": Place("Politie Zuid", "police", "limburg", SOUTH, POLICING),
    "harbour_police": Place("Politie Havenstad", "police", "rotterdam", HARBOUR, POLICING),
    "east_police": Place("Politie Oost", "police", "oost-nederland", EAST, POLICING),
    "border": Place("Grensbewaking", "border", services=("protection",)),
    "labour_inspectorate": Place("Arbeidsinspectie", "labour_inspectorate", services=("criminal_investigation",)),
    "shelter": Place("Opvang De Haven", "shelter", "amsterdam", WEST, SHELTERING),
    "other_shelter": Place("Opvang Zuiderlicht", "shelter", "limburg", SOUTH, SHELTERING),
    "harbour_shelter": Place("Opvang Kade Negen", "shelter", "rotterdam", HARBOUR, SHELTERING),
    "east_shelter": Place("Opvang De Linde", "shelter", "oost-nederland", EAST, SHELTERING),
    "youth_shelter": Place("Jeugdopvang Het Nest", "shelter", "midden-nederland", services=("child_accommodation",)),
    "child_protection": Place(
        "Bureau Kinderbescherming", "child_protection", services=("guardianship", "family_support")
    ),
    "guardian_organisation": Place("Voogdij Samen", "guardian_organisation", services=("guardianship",)),
    "competent_authority": Place("Bureau Identificatie", "competent_authority", services=("identification",)),
    "immigration": Place("Immigratieloket", "immigration", services=("residence",)),
    "asylum": Place("Asielbureau", "asylum", services=("asylum",)),
    "health": Place("Gezondheidspost Amstel", "health", "amsterdam", services=("medical", "psychological")),
    "legal_aid": Place(
        "Rechtswinkel Themis", "legal_aid", services=("legal_advice", "legal_representation", "compensation")
    ),
    "prosecution": Place("Openbaar Ministerie", "prosecution"),
    "focal_point": Place("Contactpunt Grensoverschrijdend", "focal_point", services=("cross_border",)),
    "coordinator": Place("Nationaal Coördinator", "coordinator"),
    # Opened last: where it is, the two years have been lived to the end.
    "rapporteur": Place("Nationaal Rapporteur", "rapporteur"),
}
LAST: Final = "rapporteur"
REGIONS: Final = (*WEST, *HARBOUR, *SOUTH, *EAST)


def offering(service: str, region: str) -> list[str]:
    """Who offers ``service`` in ``region``, in the order of the list."""
    return [code for code, place in PLACES.items() if service in place.services and place.is_in(region)]
