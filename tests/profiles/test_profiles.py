"""Country profiles: what the three that ship say, how one extends another, and how mistakes are told."""

from datetime import date
from pathlib import Path

import pytest

from profiles import loader
from profiles.enums import Event, Kind
from profiles.errors import DataError
from profiles.profile import active, named

SHIPPED = ("eu", "nl", "uk")
FOLDER = Path(loader.__file__).parent


@pytest.fixture
def country(tmp_path):
    """Load a profile of this text on top of the generic one."""
    (tmp_path / "eu.toml").write_text((FOLDER / "eu.toml").read_text(encoding="utf-8"), encoding="utf-8")

    def load(text):
        head = 'extends = "eu"\ncode = "xx"\nen = "Elsewhere"\nnl = "Elders"\nversion = 2026-01-01\n'
        (tmp_path / "xx.toml").write_text(head + text, encoding="utf-8")
        return loader.load("xx", tmp_path)

    return load


def mistakes(country, text):
    with pytest.raises(DataError) as caught:
        country(text)
    return "\n".join(caught.value.mistakes)


@pytest.mark.parametrize("code", SHIPPED)
def test_every_rule_names_its_source_and_category(code):
    assert all(rule.source and rule.category for rule in named(code).rules)


@pytest.mark.parametrize("code", SHIPPED)
def test_a_source_is_law_or_a_choice_and_no_file_of_ours(code):
    """It is read on the page of deadlines and on every clock, by people who never see our papers."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (FOLDER / f"{code}.toml", FOLDER / "eu.toml"))
    assert [line for line in text.splitlines() if line.startswith("source") and ".md" in line] == []


@pytest.mark.parametrize("code", SHIPPED)
def test_a_statutory_minimum_never_rolls(code):
    assert not any(rule.rolls for rule in named(code).rules if rule.kind is Kind.STATUTORY_MINIMUM)


def test_the_setting_names_the_active_profile(settings):
    settings.COUNTRY_PROFILE = "uk"
    assert active().code == "uk"


@pytest.mark.parametrize(
    ("code", "action", "kinds"),
    [
        ("nl", "record_reasonable_grounds", {"police", "border", "labour_inspectorate"}),
        ("nl", "grant_reflection_period", {"immigration"}),
        ("nl", "record_identification_decision", {"competent_authority"}),
        ("eu", "offer_reflection_period", {"competent_authority"}),
        ("uk", "offer_reflection_period", set()),
        ("uk", "record_reasonable_grounds", {"competent_authority"}),
        ("uk", "no_such_act", set()),
    ],
)
def test_who_may_take_a_step_differs_by_country(code, action, kinds):
    assert named(code).who_may(action).kinds == kinds


@pytest.mark.parametrize(
    ("status", "is_child", "applies"),
    [
        ("irregular", False, True),
        ("dublin_claimant", False, True),
        # WBV 2023/11: as far as they derive no right from Union law.
        ("eu_citizen", False, True),
        ("own_national", False, False),
        ("lawful_resident", False, False),
        ("unknown", True, True),
    ],
)
def test_in_the_netherlands_lawful_residents_have_no_reflection_period(status, is_child, applies):
    assert named("nl").reflection.applies_to(immigration_status=status, is_child=is_child) is applies


def test_in_the_netherlands_a_right_under_union_law_leaves_no_room_for_the_period():
    reflection = named("nl").reflection
    assert reflection.asks_union_right("eu_citizen")
    assert not reflection.asks_union_right("irregular")
    asked = {"immigration_status": "eu_citizen", "is_child": False}
    assert not reflection.applies_to(**asked, has_union_right=True)
    assert all(one.source and one.tag for one in reflection.exemptions.values())


def test_a_length_may_differ_by_region_and_for_a_child(country):
    found = country(
        COUNTRY
        + RULE.replace("XX-1", "XX-CHILD").replace("rolls = false", 'rolls = false\nends = "length"')
        + '[[reflection.lengths]]\nsituation = "standard"\nrule = "XX-CHILD"\nages = ["child"]\nregions = ["north"]\n'
        + '[[reflection.lengths]]\nsituation = "standard"\nrule = "EU-RR"\n'
    ).reflection
    assert found.length_for("irregular", region="north", is_child=True).rule == "XX-CHILD"
    assert found.length_for("irregular", region="north", is_child=False).rule == "EU-RR"
    assert found.length_for("irregular", region="national", is_child=True).rule == "EU-RR"


def test_a_dublin_claimant_has_the_shorter_period():
    reflection = named("nl").reflection
    assert reflection.length_for("dublin_claimant").rule == "NL-BT-DUB"
    assert reflection.length_for("irregular").rule == "NL-BT"


def test_an_event_starts_the_rules_that_are_valid_then():
    profile = named("nl")
    assert {rule.code for rule in profile.triggered_by(Event.REFLECTION_GRANTED, date(2026, 1, 1))} == {
        "NL-BT",
        "NL-BT-MELD",
    }
    assert not profile.triggered_by(Event.REFLECTION_GRANTED_DUBLIN, date(2023, 5, 18))
    assert "NL-BT" in profile.ended_by(Event.REFLECTION_ENDED)


def test_a_stored_version_is_found_again():
    rule = named("nl").rules[0]
    assert named("nl").rule_version(rule.code, rule.valid_from) is rule
    with pytest.raises(KeyError):
        named("nl").rule_version(rule.code, date(1999, 1, 1))


def test_a_country_is_added_by_a_file_alone(country):
    found = country('zone = "Europe/Lisbon"\n[calendar]\nlibrary = "PT"\n[without]\nrules = ["EU-GUA-1"]\n')
    assert found.code == "xx"
    assert not found.calendar().is_working_day(date(2026, 6, 10))
    assert "EU-GUA-1" not in {rule.code for rule in found.rules}
    assert found.reflection.length_for("irregular").rule == "EU-RR"


def test_holidays_can_be_added_and_dropped_with_their_source(country):
    found = country(
        '[calendar]\nlibrary = "NL"\nextra = [{ month = 5, day = 5, year = 2026, source = "law" }]\n'
        'dropped = [{ month = 4, day = 3, year = 2026, source = "law" }]\n'
    ).calendar()
    assert not found.is_working_day(date(2026, 5, 5))
    assert found.is_working_day(date(2026, 4, 3))
    assert found.is_working_day(date(2027, 5, 5))


RULE = """
[[rules]]
code = "XX-1"
en = "One"
nl = "Een"
en_task = "Do"
nl_task = "Doe"
category = "status"
trigger = "case_registered"
length = 3
unit = "calendar_days"
kind = "target"
rolls = false
bound = "lead"
source = "law"
tag = "fact"
valid_from = 2026-01-01
"""


COUNTRY = """
zone = "Europe/Lisbon"
[calendar]
library = "PT"
[[regions]]
code = "north"
en = "North"
nl = "Noord"
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "target"', 'kind = "statutory_min"', 'ends must be "later" for a statutory minimum'),
        ('kind = "target"', 'kind = "statutory_min"\nends = "length"', 'ends must be "later" for a statutory minimum'),
        ('kind = "target"', 'kind = "target"\nends = "later"', "ends_with names the acts"),
        (
            'kind = "target"',
            'kind = "target"\nends = "length"\nends_with = ["case_closed"]',
            "ends_with names the acts",
        ),
        (
            'kind = "target"',
            'kind = "target"\nends = "earlier"\nends_with = ["case_closed"]\nend_on = ["case_closed"]',
            "ends_with and end_on name the same event",
        ),
        ('unit = "calendar_days"', 'unit = "hours"\nends = "length"', "ends fits a rule that counts days forward"),
        ('unit = "calendar_days"', 'unit = "working_days"\ncounts_event = true', "counts_event fits a rule"),
        ('tag = "fact"', 'tag = "fact"\nages = ["teenager"]', "ages 'teenager' is not in the list"),
        ('unit = "calendar_days"', 'unit = "fortnights"', "unit 'fortnights' is none of at_once, hours"),
        ('source = "law"\n', "", "source is missing"),
        ('nl_task = "Doe"\n', "", "nl_task is missing"),
        ('category = "status"', 'category = "gossip"', "category 'gossip' is not in the list category"),
        ('tag = "fact"', 'tag = "fact"\nremind_at = ["soon"]', "remind_at 'soon' is not an offset"),
        ('tag = "fact"', 'tag = "fact"\nremind_at = ["-1d"]', "audience and remind_at are either both empty"),
        ('tag = "fact"', 'tag = "fact"\nvalid_to = 2025-01-01', "valid_to is before valid_from"),
        ('tag = "fact"', 'tag = "fact"\nremindat = ["-1d"]', "remindat is not a field"),
        (
            'unit = "calendar_days"\nkind = "target"\nrolls = false',
            'unit = "hours"\nkind = "target"\nrolls = true',
            "rolls must be false",
        ),
        ("length = 3", "length = -3", "length must be a whole number"),
        ('tag = "fact"', 'tag = "fact"\nremind_at = ["-10d"]\naudience = ["assigned"]', "'-10d' lies before the start"),
        ('tag = "fact"', 'tag = "fact"\nremind_at = ["0d", "0d"]\naudience = ["assigned"]', "the same offset twice"),
        (
            'tag = "fact"',
            'tag = "fact"\nremind_at = ["0d"]\naudience = ["everybody"]',
            "'everybody' is none of assigned",
        ),
        (
            'unit = "calendar_days"',
            'unit = "hours"\nremind_at = ["-1h"]\naudience = ["assigned"]',
            "audience needs intake or supervisor, reminded before the hours are over",
        ),
        (
            'unit = "calendar_days"',
            'unit = "hours"\nremind_at = ["start", "0h"]\naudience = ["intake"]',
            "audience needs intake or supervisor, reminded before the hours are over",
        ),
        ('trigger = "case_registered"', 'trigger = "full_moon"', "trigger 'full_moon' is none of case_registered"),
        ('tag = "fact"', 'tag = "fact"\nextend_by = 5', "extend_by needs may_extend"),
        ('tag = "fact"', 'tag = "fact"\nresume_on = ["case_closed"]', "resume_on needs suspend_on"),
        ('unit = "calendar_days"', 'unit = "hours"\nmay_extend = true', "may_extend does not fit"),
        (
            'unit = "calendar_days"',
            'unit = "calendar_days"\ndirection = "before"\nmay_suspend = true',
            "may_suspend and",
        ),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T00:00:00", "valid_from must be a date without a time"),
        (
            'category = "status"',
            'category = "child"\nremind_at = ["0d"]\naudience = ["all_assigned"]',
            "audience all_assigned fits rules of the category status only",
        ),
        (
            'unit = "calendar_days"',
            'unit = "fixed_date"\non_day = { month = 2, day = 30 }',
            "day 30 does not exist in month 2",
        ),
        ("length = 3", 'length = "three"', "length must be a int"),
    ],
)
def test_a_mistake_in_a_rule_names_file_rule_and_field(country, old, new, told):
    assert old in RULE
    found = mistakes(country, RULE.replace(old, new))
    (line,) = [one for one in found.splitlines() if told in one]
    assert line.startswith("xx.toml, rules XX-1")


def test_versions_of_a_rule_may_not_overlap(country):
    newer = RULE.replace("valid_from = 2026-01-01", "valid_from = 2027-01-01")
    assert "rules XX-1: valid_to overlaps the version valid from 2027-01-01" in mistakes(country, RULE + newer)
    two = country(RULE.replace("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2026-12-31") + newer)
    assert two.rule("XX-1", date(2027, 6, 1)).valid_from == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('zone = "Europe/Atlantis"\n', "xx.toml: zone is not a time zone: 'Europe/Atlantis'"),
        ('[calendar]\nlibrary = "QQ"\n', "xx.toml, calendar: library is not a country"),
        ("[drafts]\nwarn_days = 30\n", "xx.toml, drafts: warn_days must be below erase_days"),
        ("[overdue]\nevery_days = 0\n", "xx.toml, overdue: every_days must be at least 1"),
        ('[overdue]\nescalate_to = "all_assigned"\n', "xx.toml, overdue: escalate_to must be an audience of one"),
        ("[guardians]\nwarn_above = 60\n", "xx.toml, guardians: warn_above must not be above refuse_above"),
        ('[without]\nrules = ["EU-RR"]\n', "lengths: rule 'EU-RR' is not among the rules"),
        ('[reflection]\nend_reasons = ["bored"]\n', "xx.toml, reflection: end_reasons 'bored' is not in the list"),
        ("[reflection]\nis_extendable = false\n", "xx.toml, rules EU-RR: may_extend contradicts reflection"),
        ('[without]\nrules = ["EU-TYPO"]\n', "xx.toml, without: rules has no 'EU-TYPO' to leave out"),
        ('regions = ["lisboa"]\n', "xx.toml: regions must be a list of tables"),
        (
            '[calendar]\nlibrary = "NL"\nextra = [{ month = 13, day = 1, source = "law" }]\n',
            "day 1 does not exist in month 13",
        ),
        (
            '[[regions]]\ncode = "x"\nen = "X"\nnl = "X"\nsubdivision = "QQ"\n',
            "xx.toml, regions x: subdivision 'QQ' has no calendar",
        ),
    ],
)
def test_a_mistake_elsewhere_names_file_and_field(country, text, told):
    assert told in mistakes(country, text)


def test_a_profile_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(DataError, match=r"zz.toml: there is no such profile"):
        loader.load("zz", tmp_path)


def test_a_circle_of_profiles_is_told(tmp_path):
    (tmp_path / "aa.toml").write_text('extends = "bb"\n', encoding="utf-8")
    (tmp_path / "bb.toml").write_text('extends = "aa"\n', encoding="utf-8")
    with pytest.raises(DataError, match="extends itself"):
        loader.load("aa", tmp_path)


def test_a_rule_that_nothing_can_start_stops_the_start(country):
    told = mistakes(country, COUNTRY + RULE.replace("case_registered", "move_on_planned"))
    assert "xx.toml, rules XX-1: trigger 'move_on_planned' is an event that nothing raises here" in told


def test_a_rule_that_waits_for_a_duty_of_another_rule_can_start(country):
    first = RULE.replace("rolls = false", 'rolls = false\nend_on = ["move_on_planned"]')
    second = RULE.replace("XX-1", "XX-2").replace("case_registered", "move_on_planned")
    assert {"XX-1", "XX-2"} <= {rule.code for rule in country(COUNTRY + first + second).rules}


def test_without_its_act_the_rule_of_the_asylum_application_stops_the_start(country):
    told = mistakes(country, COUNTRY + '[without]\nacts = ["asylum_application"]\n')
    assert "xx.toml, rules EU-GUA-1: trigger 'asylum_applied'" in told


def test_a_step_that_no_operation_takes_stops_the_start(country):
    step = (
        '[[steps]]\ncode = "blessing"\nen = "Blessing"\nnl = "Zegen"\naction = "bless"\n'
        'outcomes = ["positive"]\nopens = []\nsource = "law"\ntag = "fact"\n'
        'recorded_by = { kinds = ["police"], roles = ["caseworker"] }\n'
    )
    assert "xx.toml, steps blessing: action 'bless' is nothing that anybody can do" in mistakes(country, COUNTRY + step)


def test_a_region_that_the_country_does_not_have_stops_the_start(country):
    told = mistakes(country, COUNTRY + RULE.replace("rolls = false", 'rolls = false\nregions = ["atlantis"]'))
    assert "xx.toml, rules XX-1: 'atlantis' is not among the regions" in told


@pytest.mark.parametrize(
    ("profile", "code", "tag"),
    [
        *(("nl", code, "dated") for code in ("NL-BT-MELD", "NL-COM", "NL-COM-BT", "NL-COM-REP", "NL-M55", "NL-IND24")),
        ("nl", "NL-VOOGD", "dated"),
        ("nl", "NL-DUB-OM", "secondary"),
        ("uk", "UK-MOVE", "guidance"),
        ("uk", "UK-NEG", "memory"),
        ("uk", "UK-RR", "fact"),
        ("nl", "NL-BT-DUB", "fact"),
    ],
)
def test_a_rule_says_how_sure_its_source_is(profile, code, tag):
    assert {rule.tag for rule in named(profile).rules if rule.code == code} == {tag}


def test_a_code_that_the_case_file_has_no_room_for_stops_the_start(tmp_path):
    text = (FOLDER / "eu.toml").read_text(encoding="utf-8").replace('code = "eu"', 'code = "europe123"', 1)
    (tmp_path / "long.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="longer than 8 letters"):
        loader.load("long", tmp_path)
