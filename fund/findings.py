"""The write layer of reconciliation findings: run the rules on a year, and record what somebody says of a finding.

As-reported values stay as they are: a finding only ever adds an explanation or a correction with its author.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from core import audit
from core.db import db, flush
from core.errors import InvalidInput
from core.rules import Actor
from fund import queries, results
from fund.enums import FindingState
from fund.evaluations import indicator_record, tree_records
from fund.models import ReconciliationFinding, ReportText
from fund.reconciliation import Finding, reconcile
from fund.states import FINDING, may_decide_finding

_FIGURES = ("severity", "statement", "expected", "found", "difference", "explanation", "places")
CHANGED = "再次核对时数字有变化，重新打开。"
GONE = "再次核对时未再出现，数据已更正。"
BACK = "更正后再次出现，重新打开。"
MAX_REPORT = 500_000


@dataclass(frozen=True)
class Run:
    """How many contradictions one run met, how many of them are new, how many it closed as no longer there."""

    met: int
    new: int
    gone: int


def reconcile_year(fiscal_year: int, *, actor: Actor, now: datetime) -> Run:
    """核对: the year's tree, indicators and newest report text against each other.

    A known finding keeps its state, unless its figures moved: then it is open again. One that is met no longer
    is closed as corrected by the data, and opened again should it come back.
    """
    may_decide_finding(actor).or_raise()
    rows = queries.tree(fiscal_year)
    if not rows:
        raise InvalidInput("该年度还没有科目，无从核对。", code="no_lines")
    indicators = [indicator_record(row) for row in results.indicator_rows(fiscal_year)]
    report = queries.newest_report(fiscal_year)
    met = keyed(reconcile(tree_records(rows), indicators, report.text if report else None))
    stmt = select(ReconciliationFinding).where(ReconciliationFinding.fiscal_year == fiscal_year)
    known = {finding.key: finding for finding in db.session.scalars(stmt)}
    for key, finding in met.items():
        if key in known:
            _met_again(known[key], finding, actor, now)
        else:
            _met_first(fiscal_year, key, finding, actor, now)
    vanished = [known[key] for key in known if key not in met and known[key].state != FindingState.CORRECTED]
    for finding in vanished:
        decide_finding(finding, act="correct", reason=GONE, actor=actor, now=now)
    run = Run(len(met), len(met.keys() - known.keys()), len(vanished))
    after = {"met": run.met, "new": run.new, "gone": run.gone}
    audit.record("budget_line.reconcile", rows[0].line, actor=actor, now=now, after=after)
    return run


def file_report(fiscal_year: int, *, text: str, source_name: str, actor: Actor, now: datetime) -> Run:
    """登记报告正文: keep the text as it was handed in and reconcile with it."""
    may_decide_finding(actor).or_raise()
    text = text.strip()
    if not text:
        raise InvalidInput("请粘贴报告正文或选择文件。", code="no_text", field="text")
    if len(text) > MAX_REPORT:
        raise InvalidInput(f"报告正文超过 {MAX_REPORT // 10_000} 万字。", code="long_text", field="text")
    digest = sha256(text.encode()).hexdigest()
    newest = queries.newest_report(fiscal_year)
    if newest is None or newest.digest != digest:
        row = ReportText(
            fiscal_year=fiscal_year,
            source_name=source_name,
            text=text,
            digest=digest,
            author_id=actor.id,
            filed_at=now,
        )
        db.session.add(row)
        flush()
        audit.record("report_text.file", row, actor=actor, now=now, after={"digest": digest})
    return reconcile_year(fiscal_year, actor=actor, now=now)


def keyed(findings: list[Finding]) -> dict[str, Finding]:
    """By lasting key; contradictions of one rule at the same places are told apart by their order."""
    seen: Counter[str] = Counter()
    by_key = {}
    for finding in findings:
        seen[finding.key] += 1
        times = seen[finding.key]
        by_key[finding.key if times == 1 else f"{finding.key}#{times}"] = finding
    return by_key


def decide_finding(
    finding: ReconciliationFinding, *, act: str, reason: str, actor: Actor, now: datetime
) -> ReconciliationFinding:
    """登记说明, 登记更正 or 重新打开, always with a reason; the author's words stay with the finding."""
    said = {"note": reason.strip(), "author_id": actor.id, "decided_at": now}
    FINDING.fire(finding, act, actor=actor, now=now, reason=reason, set=said)
    return finding


def _met_first(fiscal_year: int, key: str, finding: Finding, actor: Actor, now: datetime) -> None:
    row = ReconciliationFinding(
        fiscal_year=fiscal_year,
        key=key,
        rule=finding.rule,
        ref_code=finding.ref_code,
        found_at=now,
        **_figures(finding),
    )
    db.session.add(row)
    flush()
    audit.record("reconciliation_finding.find", row, actor=actor, now=now, after={"statement": row.statement})


def _met_again(row: ReconciliationFinding, finding: Finding, actor: Actor, now: datetime) -> None:
    row.found_at = now
    fresh = _figures(finding)
    before = {name: getattr(row, name) for name in _FIGURES}
    if fresh == before:
        flush()
        if row.state == FindingState.CORRECTED and row.note == GONE:
            decide_finding(row, act="reopen", reason=BACK, actor=actor, now=now)
        return
    for name, value in fresh.items():
        setattr(row, name, value)
    flush()
    audit.record("reconciliation_finding.refigure", row, actor=actor, now=now, before=before, after=fresh)
    if row.state != FindingState.OPEN:
        decide_finding(row, act="reopen", reason=CHANGED, actor=actor, now=now)


def _figures(finding: Finding) -> dict[str, str | None]:
    texts = {name: getattr(finding, name) for name in ("severity", "statement", "explanation")}
    for name in ("expected", "found", "difference"):
        value = getattr(finding, name)
        texts[name] = None if value is None else str(value)[:80]
    return texts | {"places": "\n".join(finding.places)}
