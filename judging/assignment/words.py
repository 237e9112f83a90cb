"""Results and refusals as sentences, for the command line and for the page that shows a preview."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from judging.assignment.check import Broken, Violation
from judging.assignment.connection import Connection
from judging.assignment.problem import AssignmentError, Fault, Problem
from judging.assignment.repair import Infeasible, Relaxation, Repair
from judging.enums import JudgeRole

SHOWN = 12

_FAULTS = {
    Fault.NO_ENTRIES: "没有参赛项目可供编排。",
    Fault.NO_JUDGES: "没有评委可供编排。",
    Fault.DUPLICATE_ENTRY: "项目编号“{about}”重复出现。",
    Fault.DUPLICATE_JUDGE: "评委编号“{about}”重复出现。",
    Fault.UNKNOWN_ENTRY: "项目编号“{about}”不在项目名单中。",
    Fault.UNKNOWN_JUDGE: "评委编号“{about}”不在评委名单中。",
    Fault.DUPLICATE_ROLE: "必备角色重复：{about}。",
    Fault.PANEL_SIZE: "每个项目的评委人数应为 1 至 60，现为 {about}。",
    Fault.PANEL_BELOW_ROLES: "评委人数少于必备角色数（{about}），无法每个角色各有一人。",
    Fault.LOADS: "评审量下限应不小于 0 且不大于上限，现为 {about}。",
    Fault.CAPACITY: "评委“{about}”的评审量不能为负数。",
    Fault.SEAT_TWICE: "保留的编排中同一评委在同一项目出现两次。",
    Fault.PANEL_OVERFULL: "项目“{about}”保留的评委已超过规定人数。",
}

_BROKEN = {
    Broken.UNKNOWN: "项目“{entry}”或评委“{judge}”不在名单中。",
    Broken.TWICE: "评委“{judge}”在项目“{entry}”中重复出现。",
    Broken.CONFLICT: "评委“{judge}”与项目“{entry}”存在利益冲突，应当回避。",
    Broken.EMPLOYER: "评委“{judge}”与项目“{entry}”同属“{detail}”，应当回避。",
    Broken.PANEL_SIZE: "项目“{entry}”现有 {detail} 名评委，与规定人数不符。",
    Broken.ROLE_NOT_HELD: "评委“{judge}”不具备在项目“{entry}”担任的角色（{detail}）。",
    Broken.ROLE_UNCOVERED: "项目“{entry}”缺少{detail}评委。",
    Broken.BELOW_MIN: "评委“{judge}”评审 {detail} 项，低于下限。",
    Broken.ABOVE_MAX: "评委“{judge}”评审 {detail} 项，超过上限。",
    Broken.KEPT_SEAT_LOST: "项目“{entry}”应保留的评委“{judge}”被移除。",
}


def role_label(role: str) -> str:
    """技术（technical）; a role the contest does not know stands as typed."""
    return f"{JudgeRole(role).label}（{role}）" if role in set(JudgeRole) else role


def fault_sentence(error: AssignmentError) -> str:
    return _FAULTS[error.fault].format(about=error.about)


def violation_sentence(violation: Violation) -> str:
    detail = violation.detail
    if violation.broken in (Broken.ROLE_NOT_HELD, Broken.ROLE_UNCOVERED):
        detail = role_label(detail)
    return _BROKEN[violation.broken].format(entry=violation.entry, judge=violation.judge, detail=detail)


def repair_sentences(infeasible: Infeasible) -> list[str]:
    """What is short in total, then the smallest repair, a sentence for each kind."""
    extent = "最小修补" if infeasible.proven else "可行修补（未能证明最小）"
    lines = ["在现有硬性规则下没有可行的编排方案。", *_shortage(infeasible)]
    lines.append(f"{extent}共 {infeasible.units} 处，按下列各条放宽即可编排：")
    kinds = {kind: [r for r in infeasible.repairs if r.relaxation is kind] for kind in Relaxation}
    lines += _role_sentences(kinds[Relaxation.ROLE])
    lines += _seat_sentences(kinds[Relaxation.SEAT])
    lines += _load_sentences(kinds[Relaxation.MORE], "评审量上限", "提高到")
    lines += _load_sentences(kinds[Relaxation.LESS], "评审量下限", "降低到")
    return lines + _common_limits(infeasible.problem, kinds[Relaxation.MORE], kinds[Relaxation.LESS])


def _shortage(infeasible: Infeasible) -> list[str]:
    problem = infeasible.problem
    seats = problem.total_seats
    most = sum(min(problem.most(judge), len(problem.entries)) for judge in problem.judges)
    least = sum(problem.least(judge) for judge in problem.judges)
    if most < seats:
        return [f"共需 {seats} 个评审席位，评委评审量上限合计只有 {most}，缺 {seats - most} 席。"]
    if least > seats:
        return [f"共有 {seats} 个评审席位，评委评审量下限合计却达 {least}，多出 {least - seats} 席。"]
    return []


def _role_sentences(repairs: Sequence[Repair]) -> list[str]:
    lines = []
    for role in sorted({repair.role for repair in repairs}):
        without = [repair.key for repair in repairs if repair.role == role and not repair.eligible]
        busy = [repair.key for repair in repairs if repair.role == role and repair.eligible]
        label = role_label(role)
        if without:
            lines.append(
                f"{len(without)} 个项目没有可用且无利益冲突的{label}评委：{_listed(without)}。"
                f"请为其增补{label}评委，或免除该角色要求。"
            )
        if busy:
            lines.append(
                f"{len(busy)} 个项目的{label}席位无人可补（无利益冲突的{label}评委已被占用或评审量已满）："
                f"{_listed(busy)}。请增补{label}评委，或免除该角色要求。"
            )
    return lines


def _seat_sentences(repairs: Sequence[Repair]) -> list[str]:
    by: dict[int, list[str]] = {}
    for repair in repairs:
        by.setdefault(repair.by, []).append(repair.key)
    return [
        f"{len(keys)} 个项目各缺 {short} 名无利益冲突的评委：{_listed(keys)}。请增补评委，或减少其评委人数。"
        for short, keys in sorted(by.items())
    ]


def _load_sentences(repairs: Sequence[Repair], what: str, change: str) -> list[str]:
    by: dict[int, list[str]] = {}
    for repair in repairs:
        by.setdefault(repair.limit, []).append(repair.key)
    return [
        f"{len(keys)} 名评委的{what}需{change} {limit}：{_listed(keys)}。"
        for limit, keys in sorted(by.items())
    ]


def _common_limits(problem: Problem, more: Sequence[Repair], less: Sequence[Repair]) -> list[str]:
    """The same as a change of the common limits, where no judge concerned has his own."""
    judges = {judge.key: judge for judge in problem.judges}
    lines = []
    if more and all(judges[repair.key].capacity is None for repair in more):
        limit = max(repair.limit for repair in more)
        lines.append(f"也可将统一的评审量上限由 {problem.max_load} 提高到 {limit}。")
    if less and all(judges[repair.key].least is None for repair in less):
        limit = min(repair.limit for repair in less)
        lines.append(f"也可将统一的评审量下限由 {problem.min_load} 降低到 {limit}。")
    return lines


def connection_sentences(connection: Connection) -> list[str]:
    """The graph in words; where it falls apart, what to do about it."""
    count = len(connection.components)
    lines = [f"连通分量 components={count}"]
    if connection.contrast_variance is not None:
        line = f"评委宽严差的平均方差 contrast_variance={connection.contrast_variance:.4f}"
        if connection.random_variance:
            ratio = connection.contrast_variance / connection.random_variance
            line += f"（随机编排为 {connection.random_variance:.4f}，相当于其 {ratio:.2f} 倍）"
        lines.append(line)
    if count > 1:
        lines.append("评委分成互不相连的几组，组间宽严无法比较；建议设几个由各组评委共同评审的锚定项目：")
        for number, part in enumerate(connection.components[:SHOWN], 1):
            lines.append(f"  第 {number} 组：{len(part.entries)} 个项目，评委 {_listed(part.judges)}")
    if connection.idle:
        lines.append(f"未安排评审的评委 {len(connection.idle)} 名：{_listed(connection.idle)}")
    return lines


def percent(share: Fraction) -> str:
    """Four decimals, rounded up, so that a gap is never shown smaller than it is."""
    units = -(-share.numerator * 1_000_000 // share.denominator)
    return f"{units // 10_000}.{units % 10_000:04d}%"


def _listed(keys: Iterable[str]) -> str:
    keys = list(keys)
    text = "、".join(keys[:SHOWN])
    return f"{text} 等 {len(keys)} 个" if len(keys) > SHOWN else text
