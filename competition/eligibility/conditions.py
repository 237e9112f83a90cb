"""The entry conditions themselves: code, place, age, revenue, listing, property, integrity, enterprise number."""

import re
from datetime import date

from competition.eligibility.facts import Facts, Parameters, Stage
from competition.eligibility.groups import group_of
from competition.eligibility.vocabulary import Finding, Reason, Rule
from competition.enums import Group, Outcome
from competition.validators import ValueProblem, credit_code, number_year


def check_credit_code(facts: Facts, parameters: Parameters) -> Finding:
    """Pass for a code whose check sign holds; manual where another province issued it (a firm may have moved)."""
    try:
        code = credit_code(facts.credit_code)
    except ValueProblem as problem:
        return Finding(
            Rule.CREDIT_CODE, Outcome.FAIL, Reason.CREDIT_CODE_INVALID, facts.credit_code, problem.code
        )
    provinces = tuple(sorted({d[:2] for d in parameters.region_divisions if d[:2].isdigit()}))
    if provinces and code[2:4] not in provinces:
        return Finding(Rule.CREDIT_CODE, Outcome.MANUAL, Reason.CREDIT_CODE_ELSEWHERE, code, provinces)
    return Finding(Rule.CREDIT_CODE, Outcome.PASS, Reason.CREDIT_CODE_VALID, code)


def check_region(facts: Facts, parameters: Parameters) -> Finding | None:
    """A division is inside when the set names it, its prefecture or its province."""
    if not parameters.region_divisions:
        return None
    code = facts.division_code
    if not code:
        return Finding(Rule.REGION, Outcome.MANUAL, Reason.REGION_UNKNOWN)
    above = {code} | ({code[:4] + "00", code[:2] + "0000"} if code.isdigit() else {"BT00"})
    if code in parameters.guest_divisions:
        return Finding(Rule.REGION, Outcome.MANUAL, Reason.REGION_GUEST, code)
    if above & parameters.region_divisions:
        return Finding(Rule.REGION, Outcome.PASS, Reason.REGION_INSIDE, code)
    if above & parameters.guest_divisions:
        return Finding(Rule.REGION, Outcome.MANUAL, Reason.REGION_GUEST, code)
    return Finding(Rule.REGION, Outcome.FAIL, Reason.REGION_OUTSIDE, code)


def check_founded(facts: Facts, parameters: Parameters, on: date) -> Finding | None:
    """Registered on or after `founded_from`. A date after the day of the decision is asked back in any case."""
    day, limit = facts.registered_on, parameters.founded_from
    limit_text = limit.isoformat() if limit else None
    if day is None:
        return Finding(Rule.FOUNDED, Outcome.MANUAL, Reason.FOUNDED_UNKNOWN, None, limit_text)
    if day > on:
        return Finding(
            Rule.FOUNDED, Outcome.MANUAL, Reason.FOUNDED_IN_FUTURE, day.isoformat(), on.isoformat()
        )
    if limit is None:
        return None
    early = day < limit
    outcome = (Outcome.FAIL, Reason.FOUNDED_TOO_EARLY) if early else (Outcome.PASS, Reason.FOUNDED_IN_TIME)
    return Finding(Rule.FOUNDED, *outcome, day.isoformat(), limit_text)


def check_revenue(facts: Facts, parameters: Parameters) -> Finding | None:
    """At most the limit (inclusive) in the revenue year; a firm registered after that year has no such year."""
    limit, revenue = parameters.entry_revenue_max_fen, facts.revenue_fen
    if limit is None:
        return None
    if revenue is None:
        if facts.registered_on and facts.registered_on.year > parameters.revenue_year:
            year = facts.registered_on.year
            return Finding(
                Rule.REVENUE, Outcome.PASS, Reason.REVENUE_NO_YEAR_YET, year, parameters.revenue_year
            )
        return Finding(Rule.REVENUE, Outcome.MANUAL, Reason.REVENUE_UNKNOWN, None, limit)
    if revenue > limit:
        return Finding(Rule.REVENUE, Outcome.FAIL, Reason.REVENUE_ABOVE, revenue, limit)
    return Finding(Rule.REVENUE, Outcome.PASS, Reason.REVENUE_WITHIN, revenue, limit)


def check_listed(facts: Facts, parameters: Parameters) -> Finding | None:
    if not parameters.listed_barred:
        return None
    if facts.listed is None:
        return Finding(Rule.LISTED, Outcome.MANUAL, Reason.LISTED_UNKNOWN)
    if facts.listed:
        return Finding(Rule.LISTED, Outcome.FAIL, Reason.LISTED, True, False)
    return Finding(Rule.LISTED, Outcome.PASS, Reason.NOT_LISTED, False, False)


def check_intellectual_property(facts: Facts, parameters: Parameters) -> Finding | None:
    """`ip_min` granted titles; where the edition says so, a startup may count accepted applications too."""
    least, granted, pending = parameters.ip_min, facts.ip_granted, facts.ip_pending
    if least <= 0:
        return None
    rule = Rule.INTELLECTUAL_PROPERTY
    if granted is None:
        return Finding(rule, Outcome.MANUAL, Reason.IP_UNKNOWN, None, least)
    if granted >= least:
        return Finding(rule, Outcome.PASS, Reason.IP_GRANTED, granted, least)
    if granted + pending < least:
        return Finding(rule, Outcome.FAIL, Reason.IP_TOO_FEW, granted + pending, least)
    if parameters.ip_pending_ok_for_startup:
        group = _group(facts, parameters)
        if group == Group.STARTUP:
            return Finding(rule, Outcome.PASS, Reason.IP_PENDING_ACCEPTED, granted + pending, least)
        if group is None:
            return Finding(rule, Outcome.MANUAL, Reason.IP_PENDING_ONLY, granted, least)
    return Finding(rule, Outcome.FAIL, Reason.IP_PENDING_ONLY, granted, least)


def check_integrity(facts: Facts, parameters: Parameters) -> Finding | None:
    if not parameters.integrity_required:
        return None
    if facts.integrity_signed is None:
        return Finding(Rule.INTEGRITY, Outcome.MANUAL, Reason.INTEGRITY_UNKNOWN, None, True)
    if facts.integrity_signed:
        return Finding(Rule.INTEGRITY, Outcome.PASS, Reason.INTEGRITY_SIGNED, True, True)
    return Finding(Rule.INTEGRITY, Outcome.FAIL, Reason.INTEGRITY_UNSIGNED, False, True)


def check_enterprise_number(facts: Facts, parameters: Parameters, on: date, stage: Stage) -> Finding | None:
    """入库登记编号 of an accepted year, or a 高企 certificate valid on the day, wanted of the growth group.

    Before the stage that demands it a missing or faulty number is no obstacle, and the finding says what remains
    to be brought.
    """
    if parameters.number_required_at is None:
        return None
    rule, group = Rule.ENTERPRISE_NUMBER, _group(facts, parameters)
    if parameters.number_exempts_startup and group == Group.STARTUP:
        return Finding(rule, Outcome.PASS, Reason.NUMBER_EXEMPT, facts.sme_number, Group.GROWTH)
    shown = _sme_number(facts, parameters)
    if shown.outcome is not Outcome.PASS and parameters.hightech_accepted and facts.hightech_number:
        hightech = _hightech(facts, on)
        shown = hightech if hightech.outcome is not Outcome.FAIL or not facts.sme_number else shown
    if shown.outcome is Outcome.PASS:
        return shown
    if stage == "registration" and parameters.number_required_at == "recommendation":
        return Finding(rule, Outcome.PASS, Reason.NUMBER_NOT_YET_REQUIRED, shown.fact, shown.reason.value)
    if parameters.number_exempts_startup and group is None:
        return Finding(rule, Outcome.MANUAL, Reason.NUMBER_GROUP_UNKNOWN, shown.fact, shown.reason.value)
    return shown


def _sme_number(facts: Facts, parameters: Parameters) -> Finding:
    rule, number, pattern = Rule.ENTERPRISE_NUMBER, facts.sme_number, parameters.sme_number_pattern
    if not number:
        return Finding(rule, Outcome.FAIL, Reason.NUMBER_MISSING)
    if not re.fullmatch(pattern, number):
        return Finding(rule, Outcome.FAIL, Reason.SME_NUMBER_MALFORMED, number, pattern)
    years = tuple(sorted(parameters.sme_number_years))
    if years and number_year(number, pattern=pattern) not in years:
        return Finding(rule, Outcome.FAIL, Reason.SME_NUMBER_OTHER_YEAR, number, years)
    return Finding(rule, Outcome.PASS, Reason.SME_NUMBER_VALID, number, years or None)


def _hightech(facts: Facts, on: date) -> Finding:
    rule, until = Rule.ENTERPRISE_NUMBER, facts.hightech_valid_until
    if until is None:
        return Finding(rule, Outcome.MANUAL, Reason.HIGHTECH_TERM_UNKNOWN, facts.hightech_number)
    if until < on:
        return Finding(rule, Outcome.FAIL, Reason.HIGHTECH_EXPIRED, until.isoformat(), on.isoformat())
    return Finding(rule, Outcome.PASS, Reason.HIGHTECH_VALID, facts.hightech_number, until.isoformat())


def _group(facts: Facts, parameters: Parameters) -> Group | None:
    return group_of(facts.registered_on, parameters.startup_from) if facts.registered_on else None
