"""Letters as official papers: the reply to an objector, the notice to a winner of what it won and how it is paid."""

from datetime import date

from awards.enums import InstalmentCondition, ObjectorKind
from awards.models import Award, Instalment, Objection
from awards.wording import CONDITIONS
from core.clock import beijing_day
from core.money import in_words, yuan
from core.papers import Column, Paper, Table


def reply(objection: Objection, outcome: str, *, by: str, contact: str) -> Paper:
    """异议处理答复; `outcome` is the state's word. The conclusion goes in as it was written, by paragraphs."""
    unit = objection.objector_kind == ObjectorKind.UNIT
    about = f"所列项目“{objection.entry.title}”" if objection.entry else ""
    received, decided = beijing_day(objection.received_at), beijing_day(objection.decided_at)
    return Paper(
        "异议处理答复",
        (
            f"你{'单位' if unit else ''}于{_day(received)}对“{objection.notice.title}”{about}提出的异议"
            f"（编号 {objection.ticket}）收悉。经核查，办理结果为：{outcome}。",
            *(line.strip() for line in objection.conclusion.splitlines() if line.strip()),
            "特此答复。",
            f"联系方式：{contact}",
        ),
        number=objection.ticket,
        addressee=objection.objector,
        signed_by=by,
        dated=decided,
        demo=objection.notice.edition.demo,
    )


def award_letter(award: Award, *, by: str, on: date) -> Paper:
    """获奖通知: what was won, each part with what it waits for, and what the unit has to do."""
    entry = award.entry
    did = f"你单位参赛项目“{entry.title}”" if entry else "你单位因赛事组织工作"
    columns = (
        Column("分期", 14, align="center"),
        Column("金额（元）", 26, align="right", show=yuan),
        Column("支付条件", 60),
    )
    rows = [(f"第 {part.seq} 期", part.fen, _condition(part)) for part in award.instalments]
    return Paper(
        "获奖通知",
        (
            f"{did}在{award.edition.name}中荣获{award.group.label}{award.tier_name}，"
            f"奖励金额 {yuan(award.amount_fen)} 元（{in_words(award.amount_fen)}）。",
            Table(
                columns,
                tuple(rows),
                title="支付安排",
                totals={1: award.amount_fen - sum(part.paid_before_fen for part in award.instalments)},
            ),
            "请在系统中核对收款账户，账户须由本单位开立、户名与单位名称一致；涉及任务书、验收或核查的，按通知办理后支付。",
        ),
        number=award.number,
        addressee=award.payee.name,
        signed_by=by,
        dated=on,
        demo=award.edition.demo,
    )


def _condition(part: Instalment) -> str:
    words = CONDITIONS[part.condition]
    if not part.months:
        return words
    since = f"审定满 {part.months} 个月"
    if part.due_at is not None:
        since += f"（{_day(beijing_day(part.due_at))}起）"
    return since if part.condition == InstalmentCondition.MONTHS_PASSED else f"{words}，{since}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
