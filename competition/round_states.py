"""Transition tables of stages, candidacies, visits, events and recommendations."""

from competition import round_rules as rules
from competition.enums import CandidacyState as C
from competition.enums import EventState as E
from competition.enums import RecommendationState as R
from competition.enums import StageState as S
from competition.enums import VisitState as V
from core.states import Badge, Machine, Transition

STAGE = Machine(
    Transition("open", (S.PLANNED,), S.RUNNING, rules.may_decide_stage, "开始本轮"),
    Transition(
        "decide",
        (S.RUNNING,),
        S.DECIDED,
        rules.may_decide_stage,
        "确定晋级",
        confirm="确定后名单冻结，只能按规则递补。",
    ),
    badges={
        S.PLANNED: Badge("未开始", "neutral", "calendar-event"),
        S.RUNNING: Badge("进行中", "info", "play-fill"),
        S.DECIDED: Badge("已确定晋级", "success", "check-circle"),
    },
)

CANDIDACY = Machine(
    Transition("advance", (C.COMPETING,), C.ADVANCED, rules.may_decide_stage, "晋级"),
    Transition("reserve", (C.COMPETING,), C.RESERVE, rules.may_decide_stage, "列为递补"),
    Transition("drop", (C.COMPETING,), C.OUT, rules.may_decide_stage, "未晋级"),
    Transition("move_up", (C.RESERVE,), C.ADVANCED, rules.may_decide_stage, "递补晋级"),
    Transition(
        "withdraw",
        rules.IN_RACE,
        C.WITHDRAWN,
        rules.may_leave_stage,
        "弃赛",
        needs_reason=True,
        tone="danger",
    ),
    Transition(
        "disqualify",
        rules.IN_RACE,
        C.DISQUALIFIED,
        rules.may_run_contest,
        "取消资格",
        needs_reason=True,
        tone="danger",
    ),
    badges={
        C.COMPETING: Badge("参赛中", "info", "circle"),
        C.ADVANCED: Badge("晋级", "success", "check-circle"),
        C.RESERVE: Badge("递补", "warning", "hourglass-split"),
        C.OUT: Badge("未晋级", "muted", "dash-circle"),
        C.WITHDRAWN: Badge("弃赛", "muted", "x-circle"),
        C.DISQUALIFIED: Badge("取消资格", "danger", "slash-circle"),
    },
)

VISIT = Machine(
    Transition("record", (V.PLANNED, V.RECORDED), V.RECORDED, rules.may_record_visit, "填写调查情况"),
    Transition(
        "sign", (V.RECORDED,), V.SIGNED, rules.may_record_visit, "签字确认", confirm="签字后报告不能修改。"
    ),
    badges={
        V.PLANNED: Badge("待调查", "warning", "calendar-event"),
        V.RECORDED: Badge("待签字", "info", "pencil"),
        V.SIGNED: Badge("已签字", "success", "check-circle"),
    },
)

EVENT = Machine(
    Transition("hold", (E.PLANNED,), E.HELD, rules.may_run_events, "登记为已举办"),
    Transition(
        "cancel", (E.PLANNED,), E.CANCELLED, rules.may_run_events, "取消", needs_reason=True, tone="danger"
    ),
    badges={
        E.PLANNED: Badge("计划中", "warning", "calendar-event"),
        E.HELD: Badge("已举办", "success", "check-circle"),
        E.CANCELLED: Badge("已取消", "muted", "x-circle"),
    },
)

RECOMMENDATION = Machine(
    Transition(
        "send",
        (R.DRAFT,),
        R.SENT,
        rules.may_send_recommendation,
        "确认上报",
        confirm="上报后名单冻结，不能修改。",
    ),
    badges={R.DRAFT: Badge("拟定", "neutral", "pencil"), R.SENT: Badge("已上报", "success", "send")},
)
