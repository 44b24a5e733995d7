"""Tables of the case file."""

from cases.models.age import AgeSettlement, Minority
from cases.models.blocks import CaseBlock
from cases.models.case import Case, CaseKey, CaseLead, Person
from cases.models.categories import (
    ROWS,
    Child,
    Consent,
    Contact,
    Criminal,
    Exploitation,
    Exploiters,
    Health,
    Identity,
    Immigration,
    Indicator,
    Narrative,
    Service,
)
from cases.models.clocks import Deadline, DeadlineChange, Reminder
from cases.models.decisions import Guardianship, IdentificationDecision, RecordedAct, ReflectionPeriod
from cases.models.doubles import CaseLink, DoubleSide, MatchingRecord, PossibleDouble
from cases.models.drafts import AnonymousNotification, Draft
from cases.models.emergency import BreakGlass, BreakGlassTry
from cases.models.history import EVENTS
from cases.models.labels import CaseLabel
from cases.models.location import LocationRelease, Placement, SafeLocation
from cases.models.sealed import CategoryRow, SealedModel, SelfSealed
from cases.models.sharing import CaseGroupObjectPermission, CaseVisibility, Share, SharingRequest
from cases.models.ticks import NightlyCount, Tick, TickSource
from cases.models.vacancies import LeadOffer, LeadVacancy

__all__ = [
    "EVENTS",
    "ROWS",
    "AgeSettlement",
    "AnonymousNotification",
    "BreakGlass",
    "BreakGlassTry",
    "Case",
    "CaseBlock",
    "CaseGroupObjectPermission",
    "CaseKey",
    "CaseLabel",
    "CaseLead",
    "CaseLink",
    "CaseVisibility",
    "CategoryRow",
    "Child",
    "Consent",
    "Contact",
    "Criminal",
    "Deadline",
    "DeadlineChange",
    "DoubleSide",
    "Draft",
    "Exploitation",
    "Exploiters",
    "Guardianship",
    "Health",
    "IdentificationDecision",
    "Identity",
    "Immigration",
    "Indicator",
    "LeadOffer",
    "LeadVacancy",
    "LocationRelease",
    "MatchingRecord",
    "Minority",
    "Narrative",
    "NightlyCount",
    "Person",
    "Placement",
    "PossibleDouble",
    "RecordedAct",
    "ReflectionPeriod",
    "Reminder",
    "SafeLocation",
    "SealedModel",
    "SelfSealed",
    "Service",
    "Share",
    "SharingRequest",
    "Tick",
    "TickSource",
]
