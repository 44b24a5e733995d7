"""How often what happens. Published figures where there are any, each with its source; the rest is a choice.

Sources: Council conclusions of 12 June 2025 (points 4 to 6: EU, 2021-2022); letter of the Dutch government on the
Third Progress Report (EU, 2017-2018); factsheet Slachtoffermonitor 2014-2018 of the National Rapporteur; Commission,
first progress report 2016 (EU, 2013-2014).
"""

from collections.abc import Mapping
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

# Council 2025, point 5: labour and sexual 41 % each in 2022; what is left are the other forms (letter: 18 %, mainly
# forced begging and forced criminality). Inside those 18 %: a choice.
FORMS: Final = {
    "sexual": 41,
    "labour": 36,
    "domestic_servitude": 5,
    "criminal": 10,
    "begging": 4,
    "forced_marriage": 2,
    "organ_removal": 0.5,
    "other": 1.5,
}
# Women and girls: 95 % of sexual exploitation (Commission 2016), 32 % of labour exploitation (letter: 68 % men), most
# in domestic work (letter, without a number). The others: a choice.
FEMALE: Final = {"sexual": 95, "labour": 32, "domestic_servitude": 85, "criminal": 25, "begging": 50}
FEMALE_OTHERWISE: Final = 70
# Council 2025, point 4: children 19 %. Letter: in forced begging and criminality often children. Weighted by the forms
# above the whole comes to 19. Of nearly half of the victims of domestic sexual exploitation is estimated that they are
# children (factsheet: 1,300 of 3,000); registered were 29 of 132.
CHILDREN: Final = {"sexual": 22, "labour": 5, "domestic_servitude": 8, "criminal": 55, "begging": 60}
CHILDREN_OTHERWISE: Final = 20
# A choice: nobody publishes how often the age is uncertain.
UNCERTAIN: Final = 4
# Council 2025: 54 % third-country nationals; of the children 81 % EU citizens. Letter: in the Netherlands the Dutch are
# the largest group. Factsheet: 132 of 668 were victims of domestic sexual exploitation, 20 %. Stateless: a choice.
CITIZENSHIP_OF_ADULTS: Final = {"own": 14, "eu": 23, "non_eu": 61, "stateless": 2}
CITIZENSHIP_OF_CHILDREN: Final = {"own": 47, "eu": 34, "non_eu": 18, "stateless": 1}
# The five largest groups of EU citizens (letter; Hungary before France), without the Dutch. Their shares: a choice.
EU_CITIZENS: Final = {"RO": 34, "HU": 18, "FR": 6, "BG": 24, "PL": 18}
# Council 2025, point 6 names Latin America, Africa and Asia; factsheet: many Dublin claimants from Africa. A choice.
NON_EU_CITIZENS: Final = {
    "NG": 22,
    "UG": 10,
    "GM": 6,
    "VN": 12,
    "PH": 10,
    "CN": 6,
    "BR": 8,
    "CO": 6,
    "MA": 8,
    "SY": 6,
    "AL": 6,
}
# Factsheet: of 668 victims registered in 2018, others than law enforcement reported 150 (22 %). Inside each: a choice.
REGISTERING: Final = {
    "police": 56,
    "border": 11,
    "labour_inspectorate": 11,
    "ngo": 15,
    "shelter": 3,
    "child_protection": 2,
    "asylum": 2,
}
# The sectors that the letter names, the first three as its longest-standing. Shares: a choice.
SECTORS: Final = {
    "agriculture": 22,
    "construction": 15,
    "hotel_catering": 14,
    "cleaning": 8,
    "care": 3,
    "night_shops": 2,
    "bars_nightclubs": 3,
    "car_washes": 7,
    "waste": 4,
    "forestry": 1,
    "textile": 4,
    "food": 11,
    "transport": 6,
}
SUB_FORMS: Final[Mapping[str, Mapping[str, float]]] = {
    "sexual": {"prostitution": 45, "online_sexual": 20, "escort": 20, "massage": 10, "pornography": 5},
    "labour": {"seasonal_work": 35, "false_self_employment": 25, "other_labour": 40},
    "criminal": {"drug_dealing": 35, "cannabis_production": 20, "theft": 25, "money_mule": 20},
}
# Council 2025: 20.5 % more registered than in the two years before: so much busier is the end than the beginning.
GROWTH: Final = 0.205

# -- what becomes of a case: nobody publishes it, so all of this is a choice ------------------------------------------

RESIDENCE: Final = {"irregular": 55, "asylum_seeker": 20, "dublin_claimant": 15, "lawful_resident": 10}
ANSWERS: Final = {"accept": 80, "ask": 8, "decline": 7, "expire": 3, "revoke": 2}
OUTCOMES: Final = {"success": 74, "partial": 16, "failed": 10}
FAILURES: Final = {
    "refused_services": 30,
    "lack_of_capacity": 20,
    "no_longer_needed": 25,
    "person_not_reached": 15,
    "left": 10,
}
DECLINED: Final = {"no_capacity": 55, "outside_target_group": 20, "service_not_offered": 15, "safety": 10}
CLOSING: Final = {
    "reintegrated_country": 38,
    "residence_granted": 17,
    "returned_voluntary": 15,
    "support_declined": 10,
    "left_unknown": 9,
    "asylum_granted": 6,
    "transferred_country": 3,
    "missing": 2,
}
REFUSALS: Final = {
    "fear_of_retaliation": 28,
    "distrust": 20,
    "fear_of_expulsion": 16,
    "wants_to_move_on": 14,
    "loyalty": 8,
    "no_formal_status": 6,
    "not_given": 8,
}
POSITIVE_GROUNDS: Final = 92
POSITIVE_IDENTIFICATION: Final = 74
# Adults who want no help, or leave within weeks.
BRIEF: Final = 35
LEAVING: Final = {"support_declined": 45, "left_unknown": 30, "returned_voluntary": 25}
WANTS_REFLECTION: Final = 78
GRANTED: Final = 88
# Of the citizens of the EU who are offered the period: who may stay anyway, as a worker or as family of one.
UNION_RIGHT: Final = 75
# Who reports or cooperates, with and without a reflection period; of these, who withdraws the statement later.
REPORTS: Final = 30
MANNERS: Final = {"reported": 75, "other_cooperation": 25}
WITHDRAWS_STATEMENT: Final = 12
LEAVES_UNKNOWN: Final = 4
DECLINES_IDENTIFICATION: Final = 9
IS_IDENTIFIED: Final = 55
# Of those who are not identified: for whom reconsideration is asked, and of these whose decision is changed.
ASKS_RECONSIDERATION: Final = 60
IS_OVERTURNED: Final = 35
NEEDS_LAWYER: Final = 32
NEEDS_CARE: Final = 32
HAS_NAME: Final = 70
REMEMBERED: Final = 94


def pick(random: Random, weights: Mapping[T, float]) -> T:
    """One of the keys, as often as its weight says."""
    return random.choices(list(weights), weights=list(weights.values()))[0]


# A choice: shelters say that somebody arrived, and nobody confirms it.
ARRIVAL_FORGOTTEN: Final = 5


def happens(random: Random, percent: float) -> bool:
    """True in ``percent`` of 100 cases."""
    return random.random() * 100 < percent
