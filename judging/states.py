"""Transition tables of sessions, runs, sheets, corrections and rankings, with how each state is shown."""

from core.states import Badge, Machine, Transition
from judging import rules
from judging.diagnosis.enums import FlagState as F
from judging.diagnosis.enums import LookState as L
from judging.enums import CorrectionState as C
from judging.enums import RankingState as K
from judging.enums import RunState as R
from judging.enums import SessionState as S
from judging.enums import SheetState as H

SESSION = Machine(
    Transition("draw", (S.PLANNED,), S.DRAWN, rule=rules.may_conduct, label="抽签"),
    Transition("start", (S.DRAWN,), S.RUNNING, rule=rules.may_conduct, label="开始本场", tone="success"),
    Transition(
        "lock",
        (S.RUNNING,),
        S.LOCKED,
        rule=rules.may_conduct,
        label="锁定本场评分",
        tone="danger",
        confirm="锁定后评委不能再改分，只能由组长申请、监督批准更正。",
    ),
    Transition("sign", (S.LOCKED,), S.SIGNED, rule=rules.may_close_signing, label="签字齐全"),
    badges={
        S.PLANNED: Badge("编排中", "neutral", "pencil"),
        S.DRAWN: Badge("已抽签", "info", "shuffle"),
        S.RUNNING: Badge("进行中", "warning", "play-fill"),
        S.LOCKED: Badge("已锁分", "info", "lock"),
        S.SIGNED: Badge("已签字", "success", "check-circle"),
    },
)

RUN = Machine(
    Transition("call", (R.WAITING, R.ABSENT), R.ON_STAGE, rule=rules.may_conduct_run, label="上场"),
    Transition("finish", (R.ON_STAGE,), R.DONE, rule=rules.may_conduct_run, label="结束本项目"),
    Transition(
        "miss",
        (R.WAITING, R.ON_STAGE),
        R.ABSENT,
        rule=rules.may_conduct_run,
        label="标记缺席",
        needs_reason=True,
        tone="outline",
    ),
    badges={
        R.WAITING: Badge("候场", "neutral", "hourglass-split"),
        R.ON_STAGE: Badge("上场中", "warning", "play-fill"),
        R.DONE: Badge("已结束", "success", "check-circle"),
        R.ABSENT: Badge("缺席", "muted", "person-x"),
    },
)

SHEET = Machine(
    Transition("save", (H.OPEN, H.DRAFT), H.DRAFT, rule=rules.may_score, label="保存草稿"),
    Transition("submit", (H.OPEN, H.DRAFT), H.SUBMITTED, rule=rules.may_score, label="提交评分"),
    Transition(
        "recuse",
        (H.OPEN, H.DRAFT, H.SUBMITTED),
        H.RECUSED,
        rule=rules.may_exclude,
        label="申请回避",
        needs_reason=True,
        tone="danger",
    ),
    badges={
        H.OPEN: Badge("未评", "neutral", "circle"),
        H.DRAFT: Badge("草稿", "warning", "pencil"),
        H.SUBMITTED: Badge("已提交", "success", "check-circle"),
        H.RECUSED: Badge("回避", "muted", "slash-circle"),
    },
)

CORRECTION = Machine(
    Transition(
        "approve",
        (C.REQUESTED,),
        C.APPROVED,
        rule=rules.may_decide_correction,
        label="批准更正",
        tone="success",
    ),
    Transition(
        "refuse",
        (C.REQUESTED,),
        C.REFUSED,
        rule=rules.may_decide_correction,
        label="不予更正",
        needs_reason=True,
        tone="danger",
    ),
    badges={
        C.REQUESTED: Badge("待审批", "warning", "hourglass-split"),
        C.APPROVED: Badge("已批准", "success", "check-circle"),
        C.REFUSED: Badge("不予更正", "danger", "x-circle"),
    },
)

RANKING = Machine(
    Transition(
        "supersede",
        (K.FROZEN,),
        K.SUPERSEDED,
        rule=rules.may_supersede,
        label="撤回排名",
        needs_reason=True,
        tone="danger",
    ),
    badges={
        K.FROZEN: Badge("已冻结", "success", "lock"),
        K.SUPERSEDED: Badge("已撤回", "muted", "clock-history"),
    },
)

FLAG = Machine(
    Transition(
        "ask",
        (F.OPEN,),
        F.ASKED,
        rule=rules.may_handle_flag,
        label="请组长说明",
        needs_reason=True,
        tone="outline",
    ),
    Transition(
        "answer", (F.ASKED,), F.ANSWERED, rule=rules.may_answer_flag, label="提交说明", needs_reason=True
    ),
    Transition(
        "refer",
        (F.OPEN, F.ASKED, F.ANSWERED),
        F.REFERRED,
        rule=rules.may_handle_flag,
        label="移交监督",
        needs_reason=True,
        tone="danger",
    ),
    Transition(
        "dismiss",
        (F.OPEN, F.ASKED, F.ANSWERED),
        F.DISMISSED,
        rule=rules.may_handle_flag,
        label="排除",
        needs_reason=True,
        tone="outline",
    ),
    Transition(
        "clear",
        (F.REFERRED,),
        F.DISMISSED,
        rule=rules.may_judge_flag,
        label="监督认定无异常",
        needs_reason=True,
        tone="outline",
    ),
    Transition(
        "uphold",
        (F.REFERRED,),
        F.UPHELD,
        rule=rules.may_judge_flag,
        label="监督认定属实",
        needs_reason=True,
        tone="danger",
    ),
    badges={
        F.OPEN: Badge("待处理", "warning", "flag"),
        F.ASKED: Badge("待组长说明", "info", "question-circle"),
        F.ANSWERED: Badge("组长已说明", "info", "journal-text"),
        F.REFERRED: Badge("已移交监督", "danger", "shield-check"),
        F.DISMISSED: Badge("已排除", "muted", "check-circle"),
        F.UPHELD: Badge("认定属实", "danger", "exclamation-circle"),
    },
)

SECOND_LOOK = Machine(
    Transition("give", (L.ASKED,), L.GIVEN, rule=rules.may_give_second_look, label="提交复评"),
    Transition(
        "decline",
        (L.ASKED,),
        L.DECLINED,
        rule=rules.may_decline_second_look,
        label="回避或不参加",
        needs_reason=True,
        tone="danger",
    ),
    Transition(
        "recall",
        (L.ASKED,),
        L.DECLINED,
        rule=rules.may_recall_second_look,
        label="收回复评邀请",
        needs_reason=True,
        tone="outline",
    ),
    badges={
        L.ASKED: Badge("待复评", "warning", "hourglass-split"),
        L.GIVEN: Badge("已复评", "success", "check-circle"),
        L.DECLINED: Badge("未参加", "muted", "slash-circle"),
    },
)
