"""A rule of the country profile in plain words: what starts it, how long it is, who is told, who is bound."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.models import Share
from core import clock
from core.cited import cited
from profiles.enums import Audience, Direction, End, Event, Kind, Party, Tag, Unit
from profiles.parts import AT_START, CHILD, Offset, Region, Rule

KINDS: Final[Mapping[Kind, Promise]] = {
    Kind.STATUTORY_MAXIMUM: gettext_lazy("Legal maximum"),
    Kind.STATUTORY_MINIMUM: gettext_lazy("Entitlement: at least this long"),
    Kind.TARGET: gettext_lazy("Target"),
    Kind.REVIEW: gettext_lazy("Review"),
    Kind.DUTY: gettext_lazy("Duty"),
    Kind.LIMITATION: gettext_lazy("Limitation: too late afterwards"),
    Kind.RETENTION: gettext_lazy("How long data is kept"),
}
TAGS: Final[Mapping[Tag, Promise]] = {
    Tag.FACT: gettext_lazy("Read in the law"),
    Tag.GUIDANCE: gettext_lazy("Read in guidance, which is no law"),
    Tag.DATED: gettext_lazy("Read in a text of 2015, which may have changed since"),
    Tag.SECONDARY: gettext_lazy("From a secondary source, not from the law itself"),
    Tag.DESIGN: gettext_lazy("Choice of this product, where the law is silent"),
    Tag.MEMORY: gettext_lazy("To be confirmed by the country"),
}
PARTIES: Final[Mapping[Party, Promise]] = {
    Party.LEAD: gettext_lazy("The organisation that leads the case"),
    Party.CHILD_PROTECTION: gettext_lazy("Child protection"),
    Party.GROUNDS_AUTHORITY: gettext_lazy("The authority that records reasonable grounds"),
    Party.DECIDING_AUTHORITY: gettext_lazy("The authority that decides on identification"),
    Party.REFLECTION_AUTHORITY: gettext_lazy("The authority that grants the reflection period"),
    Party.REFERRAL_SENDER: gettext_lazy("Who sent the referral"),
    Party.REFERRAL_RECEIVER: gettext_lazy("Who received the referral"),
    Party.SHARER: gettext_lazy("Who shares"),
    Party.GUARDIAN: gettext_lazy("The guardian"),
}
AUDIENCES: Final[Mapping[Audience, Promise]] = {
    Audience.ASSIGNED: gettext_lazy("assigned colleagues"),
    Audience.INTAKE: gettext_lazy("intake"),
    Audience.DECISION_MAKER: gettext_lazy("decision-makers"),
    Audience.SUPERVISOR: gettext_lazy("supervisors"),
    Audience.ALL_ASSIGNED: gettext_lazy("everybody assigned, of every organisation"),
    Audience.LEAD_ASSIGNED: gettext_lazy("assigned colleagues of the lead"),
    Audience.LEAD_SUPERVISOR: gettext_lazy("supervisors of the lead"),
    Audience.REFERRAL_SENDER: gettext_lazy("assigned colleagues of the sender"),
    Audience.GUARDIAN: gettext_lazy("the guardian"),
    Audience.COORDINATOR: gettext_lazy("the coordinator, as a count"),
}
EVENTS: Final[Mapping[Event, Promise]] = {
    Event.CASE_REGISTERED: gettext_lazy("the case is registered"),
    Event.CASE_CLOSED: gettext_lazy("the case is closed"),
    Event.CASE_REOPENED: gettext_lazy("the case is reopened"),
    Event.NEEDS_ASSESSED: gettext_lazy("needs and risks are assessed"),
    Event.INFORMATION_GIVEN: gettext_lazy("information about rights is given"),
    Event.SERVICE_STARTED: gettext_lazy("the first service starts"),
    Event.CONSENT_GIVEN: gettext_lazy("a consent is given"),
    Event.CONSENT_RECONFIRMED: gettext_lazy("a consent is reconfirmed"),
    Event.CONSENT_WITHDRAWN: gettext_lazy("a consent is withdrawn"),
    Event.GROUNDS_REQUESTED: gettext_lazy("a referral for a decision on reasonable grounds is received"),
    Event.REASONABLE_GROUNDS_POSITIVE: gettext_lazy("there are reasonable grounds"),
    Event.REASONABLE_GROUNDS_NEGATIVE: gettext_lazy("there are no reasonable grounds"),
    Event.IDENTIFICATION_POSITIVE: gettext_lazy("the person is identified as a victim"),
    Event.IDENTIFICATION_NEGATIVE: gettext_lazy("the person is not identified as a victim"),
    Event.IDENTIFICATION_DECLINED: gettext_lazy("the person declines identification"),
    Event.IDENTIFICATION_SUSPENDED: gettext_lazy("the decision is suspended"),
    Event.IDENTIFICATION_WITHDRAWN: gettext_lazy("the person withdraws from identification"),
    Event.DISQUALIFIED: gettext_lazy("the person is disqualified from protection"),
    Event.REFLECTION_OFFERED: gettext_lazy("the reflection period is offered and wanted"),
    Event.REFLECTION_DECIDED: gettext_lazy("the reflection period is granted or declined"),
    Event.REFLECTION_GRANTED: gettext_lazy("the reflection period starts"),
    Event.REFLECTION_GRANTED_DUBLIN: gettext_lazy("the reflection period of a Dublin claimant starts"),
    Event.REFLECTION_ENDED: gettext_lazy("the reflection period ends"),
    Event.MONTHLY_REPORT_MADE: gettext_lazy("the monthly report is made"),
    Event.CHILD_BRANCH_OPENED: gettext_lazy("a child is registered"),
    Event.ASSESSED_ADULT: gettext_lazy("the person is found to be an adult"),
    Event.ASYLUM_APPLIED: gettext_lazy("a child without parents asks for asylum"),
    Event.PROVISIONAL_GUARDIAN_ASSIGNED: gettext_lazy("a provisional guardian is named"),
    Event.GUARDIAN_ASSIGNED: gettext_lazy("the guardian is appointed"),
    Event.GUARDIANSHIP_ENDED: gettext_lazy("the guardianship ends"),
    Event.GUARDIAN_NAMED: gettext_lazy("a person is named as guardian, provisionally or not"),
    Event.GUARDIAN_LEFT: gettext_lazy("that person is the guardian no longer"),
    Event.CHILD_MET: gettext_lazy("guardian and child have met"),
    Event.MAJORITY: gettext_lazy("the 18th birthday"),
    Event.CAME_OF_AGE: gettext_lazy("the person turns 18, by everything that is known"),
    Event.BIRTH_DATE_WITHDRAWN: gettext_lazy("nobody gives a date of birth any more"),
    Event.AGE_DISPUTED: gettext_lazy("what is said of the age contradicts itself, or makes the person older"),
    Event.AGE_AGREED: gettext_lazy("nothing that is said of the age contradicts itself any more"),
    Event.AGE_SETTLED: gettext_lazy("child protection settles the age"),
    Event.TRANSITION_PLANNED: gettext_lazy("the transition to adulthood is planned"),
    Event.REFERRAL_SENT: gettext_lazy("a referral is sent"),
    Event.REFERRAL_SENT_URGENT: gettext_lazy("an urgent referral is sent"),
    Event.REFERRAL_ANSWERED: gettext_lazy("the referral is answered"),
    Event.REFERRAL_DECLINED: gettext_lazy("the referral is declined"),
    Event.REFERRAL_REVOKED: gettext_lazy("the referral is revoked"),
    Event.REFERRAL_EXPIRED: gettext_lazy("the referral expires"),
    Event.SHARE_MADE: gettext_lazy("the end of a share"),
    Event.SHARE_ENDED: gettext_lazy("the share ends"),
    Event.SERVICE_ENDED: gettext_lazy("the service ends"),
    Event.BRANCH_KEPT: gettext_lazy("a referral is done through which others know the case"),
    Event.BRANCH_ANSWERED: gettext_lazy("the lead takes over what another organisation shared"),
    Event.LEAD_TAKEN_OVER: gettext_lazy("the last day on which a new lead reads what the former lead wrote"),
    Event.LEAD_CONSENT_ANSWERED: gettext_lazy("the person says whether the new lead may go on reading it"),
    Event.OFFICE_OPENED: gettext_lazy("a party by office receives its share, or it was reviewed"),
    Event.OFFICE_REVIEWED: gettext_lazy("the share by office is reviewed"),
    Event.BREAK_GLASS_USED: gettext_lazy("a case is opened in an emergency"),
    Event.BREAK_GLASS_REVIEWED: gettext_lazy("an emergency opening is reviewed"),
    Event.COORDINATOR_NOTIFIED: gettext_lazy("the coordinator is notified"),
    Event.REPORT_MADE: gettext_lazy("the person reports to the police or cooperates"),
    Event.REPORT_MADE_RESIDENCE: gettext_lazy("somebody who needs a residence permit reports or cooperates"),
    Event.REPORT_MADE_DUBLIN: gettext_lazy("a Dublin claimant reports to the police or cooperates"),
    Event.STATEMENT_WITHDRAWN: gettext_lazy("the person withdraws the statement"),
    Event.LEFT_UNKNOWN: gettext_lazy("the person leaves to an unknown destination"),
    Event.RESIDENCE_REQUEST_SENT: gettext_lazy("the report is sent on as a request for residence"),
    Event.RESIDENCE_DECIDED: gettext_lazy("residence is decided on"),
    Event.LEADS_ASSESSED: gettext_lazy("it is clear whether the report can be investigated"),
    Event.AUTHORITY_REQUESTED: gettext_lazy("parental authority is asked for in court"),
    Event.ALERT_REVIEWED: gettext_lazy("the alert is updated or deleted, or there is none"),
    Event.ADULT_CONSENT_RECORDED: gettext_lazy("the person’s own consent as an adult is recorded"),
    Event.ADVOCATE_REFERRED: gettext_lazy("the child is referred to an independent guardian and the local authority"),
    Event.RECONSIDERATION_REQUESTED: gettext_lazy("reconsideration is asked for"),
    Event.RECONSIDERATION_DECIDED: gettext_lazy("the request for reconsideration is decided"),
    Event.RECONSIDERATION_SETTLED: gettext_lazy("reconsideration is not wanted"),
    Event.MOVE_ON_PLANNED: gettext_lazy("the needs for moving on are assessed"),
    Event.EXIT_PLANNED: gettext_lazy("leaving support is arranged"),
}


# Why a share ended, by the reason that was written down; the words of the giver's own act where it was one.
SHARE_ENDS: Final[Mapping[str, Promise]] = {
    "ended": gettext_lazy("Whoever shared it has ended it"),
    "lead_ended": gettext_lazy("The organisation that leads the case has ended it"),
    "elapsed": gettext_lazy("Its last day is over"),
    "consent_withdrawn": gettext_lazy("The person withdrew the consent that it rested on"),
    "consent_superseded": gettext_lazy("Another consent took the place of the one that it rested on"),
    "basis_ended": gettext_lazy("What it rested on does not hold any more"),
    "override_refused": gettext_lazy("What it rested on was not confirmed by a second person"),
    "source_ended": gettext_lazy("Whoever shared it no longer knows the case"),
    "case_closed": gettext_lazy("The case was closed"),
    "lead_transferred": gettext_lazy("The lead of the case was transferred"),
    "organisation_suspended": gettext_lazy("One of the two organisations was suspended"),
    "placement_ended": gettext_lazy("The stay has ended"),
    "office_ended": gettext_lazy("The office that it followed from has ended"),
    "emergency_ended": gettext_lazy("The emergency is over"),
    "replaced": gettext_lazy("Another share took its place"),
    "referral_done": gettext_lazy("The referral is done"),
    "referral_revoked": gettext_lazy("The referral was taken back"),
    "referral_declined": gettext_lazy("The referral was declined"),
    "referral_expired": gettext_lazy("The referral was not answered in time"),
    "referral_ended": gettext_lazy("What the referral rested on has ended"),
}


def why_ended(share: Share) -> str:
    """Why a share is over: the reason that was written down; its last day, or a suspension, before that is done."""
    if share.ended_at is None:
        return str(SHARE_ENDS["elapsed" if share.ends_at <= clock.moment() else "organisation_suspended"])
    return str(SHARE_ENDS[share.end_reason]) if share.end_reason in SHARE_ENDS else ""


def length(rule: Rule) -> str:
    """“5 working days”, “3 months”, “At once”, “On 30 September, 1 year later”."""
    n = rule.length
    match rule.unit:
        case Unit.AT_ONCE:
            words = _("At once")
        case Unit.HOURS:
            words = ngettext("%(n)d hour", "%(n)d hours", n)
        case Unit.CALENDAR_DAYS:
            words = ngettext("%(n)d day", "%(n)d days", n)
        case Unit.WORKING_DAYS:
            words = ngettext("%(n)d working day", "%(n)d working days", n)
        case Unit.WEEKS:
            words = ngettext("%(n)d week", "%(n)d weeks", n)
        case Unit.MONTHS:
            words = ngettext("%(n)d month", "%(n)d months", n)
        case Unit.YEARS:
            words = ngettext("%(n)d year", "%(n)d years", n)
        case Unit.EACH_MONTH:
            words = ngettext("Every month", "Every %(n)d months", n)
        case _:
            month, day = rule.on_day or (1, 1)
            words = ngettext("On %(day)d %(month)s, %(n)d year later", "On %(day)d %(month)s, %(n)d years later", n)
            return words % {"n": n, "day": day, "month": MONTHS[month]}
    return words % {"n": n}


def counted(rule: Rule) -> str:
    """Length and beginning: “5 working days after: there are reasonable grounds”."""
    if rule.counts_event:
        direction = _("%(length)s beginning with the day on which %(event)s")
    elif rule.direction is Direction.BEFORE:
        direction = _("%(length)s before: %(event)s")
    else:
        direction = _("%(length)s after: %(event)s")
    return direction % {"length": length(rule), "event": EVENTS[rule.trigger]}


def ending(rule: Rule) -> str:
    """How a period ends: “At the later of its length and this: …”; empty for a deadline, which has to be met."""
    acts = ", ".join(sorted(str(EVENTS[event]) for event in rule.ends_with))
    match rule.ends:
        case End.LENGTH:
            return _("A period: it ends at its length")
        case End.LATER:
            return _("A minimum, which never ends alone: it ends at the later of its length and this: %(acts)s") % {
                "acts": acts
            }
        case End.EARLIER:
            return _("A period: it ends at the earlier of its length and this: %(acts)s") % {"acts": acts}
        case _:
            return ""


def reach(rule: Rule, regions: Mapping[str, Region]) -> str:
    """Of whose cases alone: “only in: Scotland; of adults only”; empty for a rule that holds for all."""
    parts = []
    if rule.regions:
        names = ", ".join(sorted(regions[code].name.label() for code in rule.regions))
        parts.append(_("only in: %(regions)s") % {"regions": names})
    if len(rule.ages) == 1:
        parts.append(_("of children only") if CHILD in rule.ages else _("of adults only"))
    return "; ".join(parts)


def law(rule: Rule) -> SafeString:
    """What kind of clock it is, where that stands and how sure that is: “Legal maximum. Source: Directive 2011/36/EU,
    art. 11(2). Read in the law”."""
    words = _("{kind}. Source: {source}. {tag}")
    return format_html(words, kind=KINDS[rule.kind], source=cited(rule.source), tag=TAGS[rule.tag])


def told(rule: Rule) -> str:
    """Who is reminded, and when: “assigned colleagues: 7 days before, on the day”."""
    return _telling(rule.audience, rule.remind_at) if rule.audience else _("Nobody is reminded")


def escalated(rule: Rule) -> str:
    """To whom it goes when nothing happens; empty when to nobody."""
    return _telling([rule.escalate_to], rule.escalate_at) if rule.escalate_to else ""


def ended(rule: Rule) -> str:
    """What ends the clock at once."""
    at_once = rule.end_on | (rule.ends_with if rule.ends is End.EARLIER else frozenset())
    return ", ".join(sorted(str(EVENTS[event]) for event in at_once))


def moved(rule: Rule) -> str:
    """Whether the clock can be suspended or extended, and how far."""
    parts = [_("rolls to the next working day")] if rule.rolls else []
    parts += [_("can be suspended")] if rule.may_suspend or rule.suspend_on else []
    if rule.may_extend and rule.extend_by:
        parts.append(_("can be extended by at most %(length)s") % {"length": _extension(rule)})
    elif rule.may_extend:
        parts.append(_("can be extended"))
    return ", ".join(parts) or _("cannot be suspended or extended")


def offset(one: Offset) -> str:
    """“7 days before”, “on the day”, “2 hours after”, “at the start”."""
    if one.unit == AT_START:
        return _("at the start")
    if one.amount == 0:
        return _("when it falls due") if one.unit == "h" else _("on the day")
    n = abs(one.amount)
    before = {
        "h": ngettext("%(n)d hour before", "%(n)d hours before", n),
        "d": ngettext("%(n)d day before", "%(n)d days before", n),
        "w": ngettext("%(n)d week before", "%(n)d weeks before", n),
        "m": ngettext("%(n)d month before", "%(n)d months before", n),
        "y": ngettext("%(n)d year before", "%(n)d years before", n),
    }
    after = {
        "h": ngettext("%(n)d hour after", "%(n)d hours after", n),
        "d": ngettext("%(n)d day after", "%(n)d days after", n),
        "w": ngettext("%(n)d week after", "%(n)d weeks after", n),
        "m": ngettext("%(n)d month after", "%(n)d months after", n),
        "y": ngettext("%(n)d year after", "%(n)d years after", n),
    }
    return (before if one.amount < 0 else after)[one.unit] % {"n": n}


def _telling(audiences: Iterable[Audience], offsets: Iterable[Offset]) -> str:
    who = ", ".join(str(AUDIENCES[audience]) for audience in audiences)
    return _("%(who)s: %(when)s") % {"who": who, "when": ", ".join(map(offset, offsets))}


def _extension(rule: Rule) -> str:
    return length(replace(rule, length=rule.extend_by))
