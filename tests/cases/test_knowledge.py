"""Who knows a case by which shares, as a graph: worked by hand from rule 18 of ``sharing.md``, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cases.enums import Office, ShareLevel
from cases.knowledge import LEAD, Knowledge, Reach
from cases.models import Share

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEADER, FIRST, SECOND, THIRD = (uuid4() for _ in range(4))
REGISTRAR = uuid4()


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def given(giver: UUID, receiver: UUID, *, days: int = 30, adds: bool = True, **values: Any) -> Share:
    """A share in memory: level *contribute* unless said otherwise."""
    return Share(
        from_organisation_id=giver,
        to_organisation_id=receiver,
        level=ShareLevel.CONTRIBUTE if adds else ShareLevel.READ,
        ends_at=day(days),
        **values,
    )


def known(*shares: Share, lead: UUID = LEADER, now: datetime = NOW) -> Knowledge:
    return Knowledge(shares, lead=lead, registrar=REGISTRAR, now=now)


def test_what_the_lead_gives_reaches_as_far_as_it_says() -> None:
    share = given(LEADER, FIRST, days=10, roots=[LEAD])
    assert known(share).reach == {share.pk: Reach(day(10), day(10))}


def test_on_one_path_the_earliest_end_and_the_lowest_level_count() -> None:
    first = given(LEADER, FIRST, days=10, adds=False, roots=[LEAD])
    onward = given(FIRST, SECOND, days=30, sources=[first.pk])
    assert known(first, onward).reach[onward.pk] == Reach(day(10), None)


def test_of_several_paths_the_best_counts_each_end_for_itself() -> None:
    longer = given(LEADER, FIRST, days=40, adds=False, roots=[LEAD])
    shorter = given(LEADER, FIRST, days=10, roots=[LEAD])
    onward = given(FIRST, SECOND, days=30, sources=[longer.pk, shorter.pk])
    assert known(longer, shorter, onward).reach[onward.pk] == Reach(day(30), day(10))


def test_a_circle_that_no_root_reaches_is_nothing() -> None:
    there = given(FIRST, SECOND)
    back = given(SECOND, FIRST, sources=[there.pk])
    there.sources = [back.pk]
    graph = known(there, back)
    assert graph.reach == {}
    assert {share.pk for share in graph.lost()} == {there.pk, back.pk}
    assert not graph.knows(FIRST)


def test_what_ends_with_a_source_is_knowing_the_case_through_it() -> None:
    first = given(LEADER, FIRST, roots=[LEAD])
    onward = given(FIRST, SECOND, sources=[first.pk])
    graph = known(first, onward).without({first.pk})
    assert not graph.knows(SECOND)
    assert graph.lost() == [onward]


def test_what_is_shared_with_somebody_who_knows_the_case_anyway_goes_on_to_be_read() -> None:
    first = given(LEADER, FIRST, roots=[LEAD])
    back = given(FIRST, LEADER, days=20, sources=[first.pk])
    elsewhere = given(LEADER, SECOND, roots=[LEAD])
    onward = given(FIRST, SECOND, days=20, sources=[first.pk])
    graph = known(back, elsewhere, onward)
    assert graph.lost() == []
    assert graph.grant(back) == Reach(day(20), None)
    assert graph.grant(onward) == Reach(day(20), None)


def test_an_emergency_is_no_way_to_know_the_case_anyway() -> None:
    opened = given(LEADER, SECOND, office=Office.BREAK_GLASS)
    onward = given(FIRST, SECOND, sources=[uuid4()])
    graph = known(opened, onward)
    assert graph.lost() == [onward]
    assert not graph.sources_of(SECOND).roots
    assert not graph.sources_of(SECOND).shares


def test_an_office_is_a_root_and_ends_what_hangs_on_it_when_it_ends() -> None:
    office = given(LEADER, FIRST, days=300, office=Office.GUARDIAN)
    onward = given(FIRST, SECOND, days=30, roots=["guardian"])
    assert known(office, onward).reach[onward.pk] == Reach(day(30), day(30))
    assert known(onward).lost() == [onward]


def test_an_office_of_another_organisation_is_no_root_for_the_giver() -> None:
    office = given(LEADER, THIRD, office=Office.GUARDIAN)
    onward = given(FIRST, SECOND, roots=["guardian"])
    assert onward in known(office, onward).lost()


def test_when_the_lead_moves_what_hung_on_it_hangs_on_the_new_lead() -> None:
    share = given(LEADER, FIRST, roots=[LEAD])
    assert known(share, lead=THIRD).reach == known(share).reach


def test_the_registrar_knows_the_case_and_has_nothing_to_give_it_by() -> None:
    graph = known()
    assert graph.knows(REGISTRAR)
    assert (graph.sources_of(REGISTRAR).roots, graph.sources_of(REGISTRAR).shares) == ((), ())


def test_a_share_names_every_way_in_which_its_giver_knows_the_case() -> None:
    office = given(LEADER, FIRST, office=Office.SHELTER)
    chosen = given(LEADER, FIRST, roots=[LEAD])
    found = known(office, chosen).sources_of(FIRST)
    assert (found.roots, found.shares) == (("shelter",), (chosen.pk,))


def test_what_waits_for_the_lead_is_read_and_no_longer_than_it_waits() -> None:
    onward = given(FIRST, SECOND, days=30, sources=[uuid4()], kept_until=day(3))
    further = given(SECOND, THIRD, days=30, sources=[onward.pk])
    graph = known(onward, further)
    assert graph.reach == {onward.pk: Reach(day(3), None), further.pk: Reach(day(3), None)}
    assert graph.is_kept(onward)
    assert not known(onward, further, now=day(3)).reach


def test_below_counts_every_step_once() -> None:
    first = given(LEADER, FIRST, roots=[LEAD])
    second = given(FIRST, SECOND, sources=[first.pk])
    third = given(SECOND, THIRD, sources=[second.pk])
    back = given(THIRD, FIRST, sources=[third.pk])
    graph = known(first, second, third, back)
    assert graph.next_steps(first) == [second]
    assert graph.below(first) == [second, third, back]
    assert graph.hanging_on_lead() == [first, second, third, back]
