"""Cases with what hangs on them, in realistic shares; sealed rows are truly sealed, so that every page can open them.

Per case: one lead, the registrar's rows of five categories, 0 to 3 shares with their grants and rows of visibility, one
or two assigned members in each organisation (in one of fifty nobody), 1 to 6 clocks (most of them met), 0 to 3
referrals, 6 to 12 acts in the timeline; a third have a decision, one in seven a reflection period, one in five is a
child with a guardianship.
"""

import hmac
import random
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from cases import policies
from cases.operations import labels
from core import clock, crypto, reference
from core.dates import civil_day
from profiles.profile import active
from tests.bench.copying import EMPTY, Copier
from tests.bench.organisations import REGIONS, Country, Place

YEARS: Final = 4
CATEGORIES: Final = ("identity", "contact", "exploitation", "services", "narrative")
SERVICES: Final = (("safe_accommodation", "protection"), ("medical", "recovery"), ("legal_advice", "justice"))
STATES: Final = ("registered", "active", "active", "active", "follow_up", "closed", "closed", "closed")
REFERRAL_STATES: Final = ("sent", "accepted", "in_progress", "done", "done", "done", "declined", "expired")
ACTS: Final = ("add_row", "correct_row", "share", "send_referral", "assign_member", "complete_deadline")
# In an organisation that knows a case, this part of cases waits for somebody to be assigned.
NOBODY: Final = 0.02
WORDS: Final = ("red", "coat", "harbour", "blue", "bicycle", "winter", "bakery", "north", "violin", "garden")


class Clock(NamedTuple):
    """An open clock as visibility needs it: whom it binds, whether all may see it, when it is due."""

    bound: UUID
    is_status: bool
    due_at: datetime


class Filling:
    """Writes cases one by one; deterministic but for nonces and keys."""

    def __init__(self, country: Country, copier: Copier, permissions: dict[str, int], rng: random.Random) -> None:
        self.country, self.copier, self.permissions, self.rng = country, copier, permissions, rng
        self.now = clock.moment()
        self.zone = active().zone
        self.rules = {rule.code: rule for rule in active().rules}
        self.keys = {place.pk: labels._key(place.pk) for place in country.places}

    def case(self) -> None:
        """One case with everything."""
        rng, registrar = self.rng, self.country.registrar()
        pk, person, key = self.key(), self.key(), crypto.new_key()
        at = self.now - timedelta(days=rng.random() ** 1.3 * 365 * YEARS, hours=1)
        state = "closed" if (self.now - at).days > 500 and rng.random() < 0.7 else rng.choice(STATES)
        is_child = rng.random() < 0.2
        grounds = civil_day(at + timedelta(days=rng.expovariate(1 / 9)), self.zone) if rng.random() < 0.35 else None
        self.copier.add("cases_person", id=person)
        self.copier.add(
            "cases_case",
            id=pk,
            person_id=person,
            reference=self.reference(),
            profile="nl",
            state=state,
            identification="reasonable_grounds" if grounds else "presumed",
            is_child_branch=is_child,
            language="en",
            do_not_contact=False,
            region=registrar.region,
            registered_by_id=registrar.pk,
            registered_at=at,
            registered_on=self.day(at),
            reasonable_grounds_on=grounds,
            closed_on=self.day(self.now) if state == "closed" else None,
            closing_outcome="",
        )
        self.copier.add("cases_casekey", case_id=pk, wrapped=crypto.wrap(key))
        self.copier.add(
            "cases_caselead", id=self.key(), case_id=pk, organisation_id=registrar.pk, starts_at=at, ends_at=None
        )
        self._rows(pk, key, registrar, at)
        receivers = self.country.receivers(rng.choice((0, 0, 1, 1, 2, 3)), registrar)
        shares = {place.pk: self._share(pk, registrar, place, at) for place in receivers}
        clocks = self._clocks(pk, registrar, at, is_over=state == "closed")
        for place in receivers:
            clocks += self._referral(pk, registrar, place, at, shares[place.pk][0])
        if is_child:
            self._guardianship(pk, registrar, at)
        if grounds:
            self._decision(pk, person, registrar, at)
        known = {"is_child": is_child, "is_over": state == "closed"}
        self._visibility(pk, registrar, "registered", None, at, clocks, **known)
        for place in receivers:
            self._visibility(pk, place, "share", shares[place.pk][1], at, clocks, **known)
        self._label(pk, key, registrar)
        for _number in range(rng.randint(6, 12)):
            self._act(pk, registrar, at)

    def notification(self) -> None:
        """Somebody who is only counted."""
        at = self.now - timedelta(days=self.rng.random() * 365 * YEARS)
        self.copier.add(
            "cases_anonymousnotification",
            id=self.key(),
            notified_on=self.day(at),
            organisation_id=self.country.registrar().pk,
            region=self.rng.choice(REGIONS),
            sex="female",
            age_group="adult",
            citizenship_group="",
            forms=EMPTY,
            refusal_reason="not_given",
        )

    # -- parts -------------------------------------------------------------------------------------------------------

    def _rows(self, case: UUID, key: bytes, owner: Place, at: datetime) -> None:
        empty = {"citizenships": EMPTY}
        self._row(
            "identity",
            case,
            key,
            owner,
            at,
            {"given_names": "Fictitious"},
            sex="female",
            gender="",
            age_group="adult",
            age_basis="",
            **empty,
        )
        self._row(
            "contact",
            case,
            key,
            owner,
            at,
            {"channels": []},
            has_safe_channel=True,
            interpreter="yes",
            interpreter_gender="",
        )
        self._row(
            "exploitation",
            case,
            key,
            owner,
            at,
            {"remarks": "Fictitious"},
            form="sexual",
            sub_form="",
            is_primary=True,
            sector="",
            acts=EMPTY,
            means=EMPTY,
            control=EMPTY,
            recruitment="",
            countries=EMPTY,
            location="",
            started="",
            ended="",
            is_ongoing="",
            is_online="",
        )
        self._row("narrative", case, key, owner, at, {"text": "Fictitious words. " * 20})
        self._row(
            "consent",
            case,
            key,
            owner,
            at,
            {},
            state="given",
            purpose="register",
            legal_basis="consent",
            provision="",
            categories=("identity",),
            form="written",
            language="en",
            has_interpreter=False,
            information_given="{mechanism}",
            given_on=self.day(at),
            withdrawn_via="",
        )

    def _row(
        self, name: str, case: UUID, key: bytes, owner: Place, at: datetime, content: dict[str, Any], **plain: Any
    ) -> None:
        pk, table = self.key(), f"cases_{name}"
        self.copier.add(
            table,
            id=pk,
            case_id=case,
            owner_organisation_id=owner.pk,
            sealed=crypto.seal(key, content, f"{table}:{pk}:{owner.pk}"),
            version=1,
            created_at=at,
            updated_at=at,
            created_by_id=self.rng.choice(owner.workers),
            **plain,
        )

    def _share(self, case: UUID, giver: Place, taker: Place, at: datetime) -> tuple[UUID, datetime]:
        pk, starts = self.key(), at + timedelta(days=self.rng.random() * 20)
        # Two thirds are renewed until today; the others have run out.
        ends = self.now + timedelta(days=60) if self.rng.random() < 0.66 else starts + timedelta(days=80)
        is_renewed = ends > starts + timedelta(days=90)
        categories = [one for one in CATEGORIES[: self.rng.randint(1, 4)] if one in policies.ceiling(taker.kind)]
        self.copier.add(
            "cases_share",
            id=pk,
            case_id=case,
            from_organisation_id=giver.pk,
            to_organisation_id=taker.pk,
            categories=categories,
            purpose="refer_shelter",
            legal_basis="public_task",
            provision="",
            level="contribute",
            office="",
            starts_at=starts,
            opened_at=starts,
            renewed_at=self.now - timedelta(days=5) if is_renewed else None,
            renewal_reason="service_continues" if is_renewed else "",
            ends_at=ends,
            ends_on=self.day(ends),
            end_reason="",
            made_by_id=giver.workers[0],
            roots=("lead",),
            sources=(),
            made_at=starts,
        )
        for category in categories:
            self.copier.add(
                "cases_casegroupobjectpermission",
                permission_id=self.permissions[category],
                group_id=taker.group_id,
                content_object_id=case,
                share_id=pk,
                from_organisation_id=giver.pk,
                to_organisation_id=taker.pk,
                category=category,
                purpose="refer_shelter",
                contributes_until=ends,
                expires_at=ends,
            )
        return pk, ends

    def _clocks(self, case: UUID, owner: Place, at: datetime, *, is_over: bool) -> list[Clock]:
        chosen = [
            "EU-NEEDS",
            "EU-CONREV",
            *self.rng.sample(("EU-NEEDS-REV", "EU-INFO", "EU-ASSIST", "NL-BT-MELD"), self.rng.randint(0, 3)),
        ]
        found = [self._clock(case, code, owner, at, self.rng.expovariate(1 / 40), is_over) for code in chosen]
        return [one for one in found if one]

    def _clock(self, case: UUID, code: str, bound: Place, at: datetime, days: float, is_over: bool) -> Clock | None:
        """Clocks of the past are nearly always met; one in twenty-five is overdue."""
        rule, due = self.rules[code], at + timedelta(days=days)
        if not is_over and self.rng.random() < 0.25:
            due = self.now + timedelta(days=self.rng.random() * 90)
        is_open = not is_over and (due > self.now or self.rng.random() < 0.04)
        self.copier.add(
            "cases_deadline",
            id=self.key(),
            case_id=case,
            rule=code,
            rule_version=rule.valid_from,
            category=rule.category,
            kind=rule.kind,
            bound_organisation_id=bound.pk,
            started_at=at,
            due_at=due,
            due_on=self.day(due),
            version=1,
            state="open" if is_open else "met",
            closed_at=None if is_open else due,
            closed_by_event="",
        )
        return Clock(bound.pk, rule.category == "status", due) if is_open else None

    def _referral(self, case: UUID, giver: Place, taker: Place, at: datetime, share: UUID) -> list[Clock]:
        rng, state = self.rng, self.rng.choice(REFERRAL_STATES)
        sent = at + timedelta(days=rng.random() * 20)
        if state == "sent":
            sent = self.now - timedelta(days=rng.random() * 9)
        service, phase = rng.choice(SERVICES)
        answered = None if state in ("sent", "expired") else sent + timedelta(days=rng.expovariate(1 / 2))
        self.copier.add(
            "referrals_referral",
            id=self.key(),
            case_id=case,
            from_organisation_id=giver.pk,
            to_organisation_id=taker.pk,
            state=state,
            service=service,
            phase=phase,
            purpose="refer_shelter",
            legal_basis="public_task",
            provision="",
            roots=("lead",),
            sources=(),
            categories=("identity",),
            urgency="normal",
            region=taker.region,
            card={"reference": ""},
            ends_on=self.day(self.now),
            wrapped_key=b"",
            sent_at=sent,
            sent_by_id=giver.workers[0],
            answer_due_at=sent + timedelta(days=2),
            expires_at=sent + timedelta(days=14),
            answered_at=answered,
            decline_reason="no_capacity" if state == "declined" else "",
            share_id=share if state in ("accepted", "in_progress", "done") else None,
            outcome="",
            failure_reason="",
        )
        found = self._clock(case, "EU-ACK", taker, sent, 2, state != "sent")
        return [found] if found else []

    def _guardianship(self, case: UUID, asker: Place, at: datetime) -> None:
        service, home = self.country.one("child_protection"), self.country.one("guardian_organisation")
        is_waiting = self.rng.random() < 0.1
        self.copier.add(
            "cases_guardianship",
            id=self.key(),
            case_id=case,
            owner_organisation_id=service.pk,
            state="requested" if is_waiting else "appointed",
            requested_by_id=asker.pk,
            requested_at=at,
            organisation_id=None if is_waiting else home.pk,
            guardian_id=None if is_waiting else self.rng.choice(home.workers),
            appointed_at=None if is_waiting else at + timedelta(days=self.rng.expovariate(1 / 3)),
            end_reason="",
        )

    def _decision(self, case: UUID, person: UUID, owner: Place, at: datetime) -> None:
        day = self.day(at + timedelta(days=7))
        self.copier.add(
            "cases_identificationdecision",
            id=self.key(),
            case_id=case,
            owner_organisation_id=owner.pk,
            step="reasonable_grounds",
            outcome="positive",
            basis="indicators",
            decided_on=day,
            recorded_at=at,
            recorded_by_id=owner.workers[0],
        )
        if self.rng.random() < 0.4:
            ends = at + timedelta(days=97)
            self.copier.add(
                "cases_reflectionperiod",
                id=self.key(),
                case_id=case,
                owner_organisation_id=owner.pk,
                person_id=person,
                state="running" if ends > self.now else "ended",
                decides_id=self.country.one("immigration").pk,
                length_rule="NL-BT",
                offered_on=day,
                decided_on=day,
                starts_on=day,
                ends_on=self.day(ends),
                end_reason="",
                recorded_at=at,
            )

    def _visibility(
        self,
        case: UUID,
        place: Place,
        reason: str,
        ends: datetime | None,
        at: datetime,
        clocks: list[Clock],
        *,
        is_child: bool,
        is_over: bool,
    ) -> None:
        due = min((one.due_at for one in clocks if one.is_status or one.bound == place.pk), default=None)
        last = at + (self.now - at) * self.rng.random()
        is_over = is_over or (ends is not None and ends <= self.now)
        wanted = 0 if self.rng.random() < NOBODY else self.rng.randint(1, 2)
        for member in (None, *self.rng.sample(place.workers, wanted)):
            self.copier.add(
                "cases_casevisibility",
                id=self.key(),
                case_id=case,
                organisation_id=place.pk,
                membership_id=member,
                reason=reason,
                starts_at=at,
                ends_at=ends,
                next_due_at=due,
                last_activity_at=last,
                is_child=is_child,
                is_unattended=not (wanted or is_over),
            )

    def _label(self, case: UUID, key: bytes, owner: Place) -> None:
        if self.rng.random() < 0.5:
            return
        pk, words = self.key(), self.rng.sample(WORDS, 2)
        self.copier.add(
            "cases_caselabel",
            id=pk,
            case_id=case,
            owner_organisation_id=owner.pk,
            sealed=crypto.seal(key, {"label": " ".join(words)}, f"cases_caselabel:{pk}:{owner.pk}"),
            tokens=[self.token(owner, word) for word in words],
            changed_by_id=owner.workers[0],
        )

    def _act(self, case: UUID, owner: Place, at: datetime) -> None:
        self.copier.add(
            "audit_auditchange",
            id=self.key(),
            at=at + (self.now - at) * self.rng.random(),
            actor_label="Member",
            membership_id=owner.workers[0],
            organisation_id=owner.pk,
            case_id=case,
            kind=self.rng.choice(ACTS),
            category=self.rng.choice(("status", *CATEGORIES)),
            owner_organisation_id=owner.pk,
            object_kind="",
            detail=EMPTY,
        )

    # -- small things ------------------------------------------------------------------------------------------------

    def key(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def token(self, owner: Place, word: str) -> str:
        """As ``labels.tokens`` makes it, with the key of the organisation kept."""
        return hmac.new(self.keys[owner.pk], word.encode(), "sha256").hexdigest()[: labels.TOKEN_LENGTH]

    def reference(self) -> str:
        body = "".join(self.rng.choices(reference.ALPHABET, k=reference.LENGTH))
        return body + reference.check_symbol(body)

    def day(self, at: datetime) -> Any:
        return civil_day(at, self.zone)
