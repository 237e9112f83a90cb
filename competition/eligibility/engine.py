"""Every rule asked in turn."""

from collections.abc import Iterable
from datetime import date

from competition.eligibility import conditions, repeats
from competition.eligibility.facts import Facts, Parameters, Stage
from competition.eligibility.vocabulary import Finding
from competition.enums import Outcome


def evaluate(
    facts: Facts, parameters: Parameters, *, on: date, stage: Stage = "registration"
) -> list[Finding]:
    """One finding for each rule that is switched on, in the order of `Rule`.

    `on` is the day of the decision in Beijing time: certificates must be valid then. `stage` matters to the
    enterprise number, which is wanted of the growth group only when recommended to the national final.
    """
    answers = (
        conditions.check_credit_code(facts, parameters),
        conditions.check_region(facts, parameters),
        conditions.check_founded(facts, parameters, on),
        conditions.check_revenue(facts, parameters),
        conditions.check_listed(facts, parameters),
        conditions.check_intellectual_property(facts, parameters),
        conditions.check_integrity(facts, parameters),
        conditions.check_enterprise_number(facts, parameters, on, stage),
        repeats.check_national_winner(facts, parameters),
        repeats.check_recent_winner(facts, parameters),
        repeats.check_award_cap(facts, parameters),
        repeats.check_acceptance(facts, parameters),
        repeats.check_repeat_winner(facts, parameters),
        repeats.check_other_entry(facts, parameters),
    )
    return [finding for finding in answers if finding is not None]


def overall(findings: Iterable[Finding]) -> Outcome:
    """The worst outcome: one fail fails, else one manual asks for a person, else pass (also for no findings)."""
    outcomes = {finding.outcome for finding in findings}
    return next((o for o in (Outcome.FAIL, Outcome.MANUAL) if o in outcomes), Outcome.PASS)
