"""Repeat-entry rules over the table of past awards: each is switched by its own parameter."""

from competition.eligibility.facts import PRIZE_TIERS, TIERS, AwardBar, Facts, Parameters, PastAward
from competition.eligibility.vocabulary import Finding, Reason, Rule
from competition.enums import Group, Outcome


def check_national_winner(facts: Facts, parameters: Parameters) -> Finding | None:
    """Barred after a prize in an earlier national final: the one rule every edition since 2019 repeats."""
    return _bar(facts, parameters, Rule.NATIONAL_WINNER, parameters.national_winner, Reason.NATIONAL_WINNER)


def check_recent_winner(facts: Facts, parameters: Parameters) -> Finding | None:
    """Barred after a prize in the last editions of the named levels (e.g. provincial or city, two years back)."""
    return _bar(facts, parameters, Rule.RECENT_WINNER, parameters.recent_winner, Reason.RECENT_WINNER)


def check_award_cap(facts: Facts, parameters: Parameters) -> Finding | None:
    """A lifetime cap bars at registration only when it is full; below it the tier is asked when prizes are given."""
    cap = parameters.award_cap
    if cap is None:
        return None
    won = len(_earlier(facts, parameters, AwardBar(cap.levels)))
    if won >= cap.most:
        return Finding(Rule.AWARD_CAP, Outcome.FAIL, Reason.AWARD_CAP_REACHED, won, cap.most)
    reason = Reason.AWARD_MUST_IMPROVE if won and cap.must_improve else Reason.AWARD_CAP_FREE
    return Finding(Rule.AWARD_CAP, Outcome.PASS, reason, won, cap.most)


def check_acceptance(facts: Facts, parameters: Parameters) -> Finding | None:
    """An earlier award project that has not passed 验收 bars or is flagged, as the edition decides."""
    if parameters.unfinished_acceptance is None:
        return None
    open_years = tuple(
        sorted(
            award.edition_year
            for award in facts.past_awards
            if award.edition_year < parameters.edition_year and award.acceptance_passed is False
        )
    )
    if open_years:
        outcome = Outcome(parameters.unfinished_acceptance)
        return Finding(Rule.ACCEPTANCE, outcome, Reason.ACCEPTANCE_UNFINISHED, open_years)
    return Finding(Rule.ACCEPTANCE, Outcome.PASS, Reason.ACCEPTANCE_CLEAR)


def check_repeat_winner(facts: Facts, parameters: Parameters) -> Finding | None:
    """A repeat winner may play, so this passes, but the reason says that only 鼓励奖 is open to him."""
    bar = parameters.repeat_winner
    if bar is None:
        return None
    awards = _earlier(facts, parameters, bar)
    reason = Reason.ENCOURAGEMENT_ONLY if awards else Reason.NO_EARLIER_AWARD
    return Finding(Rule.REPEAT_WINNER, Outcome.PASS, reason, _shown(awards), _limit(bar))


def check_other_entry(facts: Facts, parameters: Parameters) -> Finding | None:
    """One sub-contest per firm and year: refused or flagged, as the edition decides."""
    if parameters.other_entry is None:
        return None
    if facts.other_entry_this_year:
        outcome = Outcome(parameters.other_entry)
        return Finding(Rule.OTHER_ENTRY, outcome, Reason.OTHER_ENTRY, True, False)
    return Finding(Rule.OTHER_ENTRY, Outcome.PASS, Reason.NO_OTHER_ENTRY, False, False)


def is_encouragement_only(facts: Facts, parameters: Parameters) -> bool:
    """True for a repeat winner who may play but neither advance nor take a first, second or third prize."""
    finding = check_repeat_winner(facts, parameters)
    return finding is not None and finding.reason is Reason.ENCOURAGEMENT_ONLY


def refuse_tier(facts: Facts, parameters: Parameters, *, tier: str, group: Group) -> list[Finding]:
    """What speaks against giving `tier` in `group` to an enterprise with its past; empty when nothing does.

    Asked when prizes are given. A repeat winner may only take 鼓励奖; under a lifetime cap a further prize must be
    of a higher tier than the best one won in the same group, or be in the other group. 鼓励奖 is always open.
    """
    if tier not in PRIZE_TIERS:
        return []
    findings = []
    if is_encouragement_only(facts, parameters):
        findings.append(Finding(Rule.REPEAT_WINNER, Outcome.FAIL, Reason.ENCOURAGEMENT_ONLY, tier))
    cap = parameters.award_cap
    if cap is None:
        return findings
    won = _earlier(facts, parameters, AwardBar(cap.levels))
    same_group = [TIERS.index(award.tier) for award in won if award.group == group]
    if len(won) >= cap.most:
        findings.append(Finding(Rule.AWARD_CAP, Outcome.FAIL, Reason.AWARD_CAP_REACHED, len(won), cap.most))
    elif cap.must_improve and same_group and TIERS.index(tier) >= min(same_group):
        best = TIERS[min(same_group)]
        findings.append(Finding(Rule.AWARD_CAP, Outcome.FAIL, Reason.AWARD_MUST_IMPROVE, tier, best))
    return findings


def _bar(
    facts: Facts, parameters: Parameters, rule: Rule, bar: AwardBar | None, reason: Reason
) -> Finding | None:
    if bar is None:
        return None
    awards = _earlier(facts, parameters, bar)
    if awards:
        return Finding(rule, Outcome.FAIL, reason, _shown(awards), _limit(bar))
    return Finding(rule, Outcome.PASS, Reason.NO_EARLIER_AWARD, (), _limit(bar))


def _earlier(facts: Facts, parameters: Parameters, bar: AwardBar) -> list[PastAward]:
    """Awards before the edition's year that the bar counts, oldest first."""
    year = parameters.edition_year
    since = year - bar.within_years if bar.within_years is not None else 0
    counted = [
        award
        for award in facts.past_awards
        if award.level in bar.levels and award.tier in bar.tiers and since <= award.edition_year < year
    ]
    return sorted(counted, key=lambda award: (award.edition_year, award.level, award.tier, award.group))


def _shown(awards: list[PastAward]) -> tuple[str, ...]:
    return tuple(f"{award.edition_year} {award.level} {award.tier} {award.group}" for award in awards)


def _limit(bar: AwardBar) -> tuple[str | int | None, ...]:
    return (*sorted(bar.levels), bar.within_years)
