"""A bank's answer read back: every line matched to what was sent, and what is missing, doubled or wrong named.

Matching: by the line's key (payment and attempt) where the answer carries one, else by account and amount when
exactly one line sent has both. A payment named twice is settled by neither line. Nothing is guessed: an amount that
cannot be read refuses the whole file.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from awards.banking.layout import Layout
from awards.enums import AmountUnit, BankField, Outcome
from core.errors import InvalidInput
from core.money import MAX_FEN, parse_yuan

BANK_SAYS = (Outcome.PAID, Outcome.FAILED, Outcome.PENDING)


@dataclass(frozen=True)
class Sent:
    """A line that went to the bank. `known` is what is booked of it so far; `blocked` money may not be booked as paid."""

    key: str
    account: str
    fen: int
    payment_id: int
    attempt: int
    known: Outcome | None = None
    reference: str = ""
    blocked: bool = False


@dataclass(frozen=True)
class Answer:
    """One line of the bank's file; `position` counts its data lines from 1."""

    position: int
    key: str
    account: str
    fen: int
    says: Outcome
    reason: str
    reference: str


@dataclass(frozen=True)
class Match:
    position: int
    outcome: Outcome
    key: str
    account: str
    fen: int
    reason: str = ""
    reference: str = ""
    payment_id: int | None = None
    attempt: int = 0


def read(layout: Layout, table: Sequence[Sequence[str]]) -> list[Answer]:
    """Raises InvalidInput naming the line that cannot be read, or the column that is not there."""
    rows = [row for row in table if any(cell.strip() for cell in row)]
    places, rows = _places(layout, rows)
    if not rows:
        raise InvalidInput("结果文件没有数据行。", code="result_empty")
    return [_answer(layout, places, position, row) for position, row in enumerate(rows, 1)]


def _places(layout: Layout, rows: list[Sequence[str]]) -> tuple[dict[str, int], list[Sequence[str]]]:
    """Where each field stands: by its label under a header (which a title may precede), else by order."""
    columns = layout.answer_columns
    if not layout.answer_header:
        return {column["field"]: index for index, column in enumerate(columns)}, rows
    labels = {column["label"] for column in columns}
    for top, row in enumerate(rows[:10]):
        cells = [cell.strip() for cell in row]
        if labels <= set(cells):
            return {column["field"]: cells.index(column["label"]) for column in columns}, rows[top + 1 :]
    raise InvalidInput(f"结果文件没有这些列：{'、'.join(sorted(labels))}。", code="result_columns")


def _answer(layout: Layout, places: dict[str, int], position: int, row: Sequence[str]) -> Answer:
    def cell(field: str) -> str:
        index = places.get(field)
        return (
            row[index].replace("\x00", "").strip().lstrip("'")
            if index is not None and index < len(row)
            else ""
        )

    try:
        fen = _fen(cell(BankField.AMOUNT), layout.amount_unit)
    except InvalidInput as refusal:
        message = f"第 {position} 行的金额“{cell(BankField.AMOUNT)[:30]}”无法识别。"
        raise InvalidInput(message, code="result_amount") from refusal
    return Answer(
        position=position,
        key=cell(BankField.KEY)[:60],
        account=re.sub(r"\s", "", cell(BankField.ACCOUNT))[:60],
        fen=fen,
        says=_meaning(cell(BankField.STATUS), layout),
        reason=cell(BankField.REASON)[:500],
        reference=cell(BankField.REFERENCE)[:80],
    )


def _fen(text: str, unit: str) -> int:
    if unit == AmountUnit.YUAN:
        return parse_yuan(text)
    if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) or int(text) > MAX_FEN:
        raise InvalidInput("金额应为整数分。")
    return int(text)


def _meaning(status: str, layout: Layout) -> Outcome:
    """A word that the format does not know is no decision: the payment waits."""
    for words, outcome in ((layout.paid_words, Outcome.PAID), (layout.failed_words, Outcome.FAILED)):
        if status and status in re.split(r"[、，,\s]+", words):
            return outcome
    return Outcome.PENDING


def match(sent: Sequence[Sent], answers: Sequence[Answer]) -> list[Match]:
    """One match per line of the answer, in its order, then one per payment that it leaves out."""
    found = [_find(sent, answer) for answer in answers]
    times = Counter(line.key for line in found if line)
    matches = [_judge(line, answer, times) for line, answer in zip(found, answers, strict=True)]
    named = {line.key for line in found if line}
    return matches + [
        Match(0, Outcome.MISSING, line.key, line.account, line.fen, "", "", line.payment_id, line.attempt)
        for line in sent
        if line.known is None and line.key not in named
    ]


def _find(sent: Sequence[Sent], answer: Answer) -> Sent | None:
    if answer.key:
        fits = [line for line in sent if line.key == answer.key]
    else:
        fits = [line for line in sent if line.fen == answer.fen and _same_account(line, answer)]
    return fits[0] if len(fits) == 1 else None


def _same_account(line: Sent, answer: Answer) -> bool:
    """Banks mask some digits with stars; what is shown must agree, and something must be shown."""
    pattern = re.escape(answer.account).replace(r"\*", "[0-9]")
    return bool(answer.account.strip("*")) and re.fullmatch(pattern, line.account) is not None


def _judge(line: Sent | None, answer: Answer, times: Counter[str]) -> Match:
    plain = Match(
        answer.position,
        Outcome.UNKNOWN,
        answer.key,
        answer.account,
        answer.fen,
        answer.reason,
        answer.reference,
    )
    if line is None:
        return plain
    outcome = _outcome(line, answer, times[line.key])
    return replace(plain, outcome=outcome, payment_id=line.payment_id, attempt=line.attempt)


def _outcome(line: Sent, answer: Answer, times: int) -> Outcome:
    if answer.fen != line.fen or (answer.account and not _same_account(line, answer)):
        return Outcome.DIFFERS
    if times > 1:
        return Outcome.DOUBLED
    if line.known is not None:
        return _after(line, answer)
    if answer.says == Outcome.PAID and line.blocked:
        return Outcome.BLOCKED
    return answer.says


def _after(line: Sent, answer: Answer) -> Outcome:
    """Of a line already booked: the same again is nothing, a return after a payment is a failure, else it doubles."""
    if answer.says == Outcome.PENDING:
        return Outcome.REPEATED
    if answer.says == line.known:
        same = answer.says == Outcome.FAILED or answer.reference in ("", line.reference)
        return Outcome.REPEATED if same else Outcome.DOUBLED
    return Outcome.FAILED if answer.says == Outcome.FAILED else Outcome.DOUBLED
