"""``manage.py deadlines``: why each date of a case is what it is; clocks brought to a new version of their rule."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor
from audit import trail
from cases import explaining, plain
from cases.models import Case, Deadline
from cases.operations import moving
from cases.operations.recalculation import BATCH, Outcome, recalculable, recalculate
from cases.reminders import as_worker
from core import reference
from core.errors import Refused
from profiles.enums import Audience
from profiles.profile import active

WORDS = {
    "moved": "fall due on another day, or remind otherwise",
    "same": "keep their day",
    "unknown": "started before the event was stored: count them by hand",
    "suspended": "stand still and were left as they are",
    "held": "were being changed by somebody: run it again",
}


class Command(BaseCommand):
    """Run it as NRM_ROLE=worker. Shows no person and no content."""

    help = "explain <reference>: why each date is what it is. recalculate --rule X, or --all: to the present version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        explain = acts.add_parser("explain", help="why each date of a case is what it is")
        explain.add_argument("reference")
        again = acts.add_parser("recalculate", help="count open clocks by the present version of rule and calendar")
        which = again.add_mutually_exclusive_group(required=True)
        which.add_argument("--rule")
        which.add_argument("--all", action="store_true", help="of every rule: a holiday was announced late")
        again.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        again.add_argument("--batch", type=int, default=BATCH, help="how many clocks share a transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "explain":
            self._explain(options["reference"])
            return
        for code in recalculable(active()) if options["all"] else [options["rule"]]:
            self._recalculate(code, is_dry_run=options["dry_run"], batch=options["batch"])

    def _explain(self, shown: str) -> None:
        with as_worker():
            case = _case(shown)
            rows = Deadline.objects.filter(case=case).select_related("bound_organisation").order_by("due_at", "pk")
            for deadline in rows:
                self.stdout.write("\n".join(_explained(case, deadline)))
            trail.record("explain_deadlines", actor=Actor.system(), case_id=case.pk)

    def _recalculate(self, code: str, *, is_dry_run: bool, batch: int) -> None:
        try:
            with_progress = self._show_progress
            outcome = recalculate(code, is_dry_run=is_dry_run, batch=batch, progress=with_progress)
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write("\n".join(_summary(code, outcome, is_dry_run=is_dry_run)))

    def _show_progress(self, done: int, total: int) -> None:
        end = "\r" if sys.stderr.isatty() and done < total else "\n"
        self.stderr.write(f"  {done} of {total}", ending=end)


def _case(shown: str) -> Case:
    try:
        return Case.objects.get(reference=reference.parse(shown))
    except (Refused, Case.DoesNotExist):
        raise CommandError(f"There is no case {shown!r}.") from None


def _explained(case: Case, deadline: Deadline) -> Iterator[str]:
    profile = active()
    rule = moving.rule_of(profile, deadline)
    yield f"{rule.code} · {rule.name.label()} · {deadline.get_state_display()}"
    yield f"    {plain.KINDS[rule.kind]}; {rule.source} ({plain.TAGS[rule.tag]}); version of {deadline.rule_version}"
    reach = plain.reach(rule, profile.regions)
    if reach:
        yield f"    {reach}"
    if deadline.bound_organisation:
        yield f"    Binds {deadline.bound_organisation.name}"
    if deadline.counted_from is None:
        yield f"    Last day: {deadline.due_on}; started before the event was stored"
    else:
        changes = moving.changes(deadline)
        for step in explaining.steps(
            profile,
            rule,
            deadline.counted_from,
            changes,
            region=case.region,
            occurrence=deadline.occurrence,
            acted_on=deadline.acted_on,
        ):
            yield f"    {step}"
    if deadline.suspended_at:
        yield f"    Stands still since {deadline.suspended_at.astimezone(profile.zone):%Y-%m-%d %H:%M}"
    if deadline.closed_at:
        yield f"    Ended {deadline.closed_at.astimezone(profile.zone):%Y-%m-%d %H:%M}: {deadline.closed_by_event}"
    for one in deadline.reminders.filter(version=deadline.version).order_by("due_at", "audience"):
        local = one.due_at.astimezone(profile.zone)
        who = plain.AUDIENCES[Audience(one.audience)]
        yield f"    Reminder {one.offset} {local:%Y-%m-%d %H:%M}, {who}: {one.state}"


def _summary(code: str, outcome: Outcome, *, is_dry_run: bool) -> Iterator[str]:
    yield f"{code}: {'nothing is changed; it would be' if is_dry_run else 'recalculated'}"
    for name, words in WORDS.items():
        if outcome.counts[name]:
            yield f"  {outcome.counts[name]:>8} {words}"
    for days, count in sorted(outcome.days.items()):
        yield f"  {count:>8} by {days:+d} days"
