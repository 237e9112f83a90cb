"""Who may do what around panels, sheets and rankings; each a pure predicate over loaded rows."""

from competition.enums import StageState
from core.enums import Role
from core.rules import Actor, Verdict, all_of, has_role, verdict
from judging.enums import RankingState, RunState, SessionState, SignerKind
from judging.models import Correction, Judge, Ranking, Run, Seat, Session, Sheet


def may_keep_judges(actor: Actor) -> Verdict:
    return has_role(actor, Role.OFFICE)


def may_plan(actor: Actor) -> Verdict:
    return has_role(actor, Role.OFFICE, Role.HOST)


def may_conduct(actor: Actor, session: Session) -> Verdict:
    """Draw, call, reveal, lock: the session's own recorder, or the office in his place."""
    here = actor.role == Role.RECORDER and session.recorder_id == actor.id
    return verdict(here or actor.role == Role.OFFICE, "只有本场记分员或组委会办公室可以操作。")


def may_change_planned(actor: Actor, session: Session) -> Verdict:
    return all_of(
        verdict(session.state == SessionState.PLANNED, "抽签之后不能再调整本场的项目和评委。"),
        verdict(bool(may_plan(actor)) or bool(may_conduct(actor, session)), "您不能编排本场次。"),
    )


def may_conduct_run(actor: Actor, run: Run) -> Verdict:
    return all_of(
        may_conduct(actor, run.session),
        verdict(run.session.state == SessionState.RUNNING, "场次未在进行中。"),
    )


def may_reveal(actor: Actor, run: Run) -> Verdict:
    return all_of(
        may_conduct(actor, run.session),
        verdict(run.session.state != SessionState.PLANNED, "场次尚未开始。"),
        verdict(is_complete(run), "评委尚未全部提交，不能亮分。"),
        verdict(run.score_hundredths is not None, "有效评分不足，请先增补评委。"),
        verdict(run.revealed_at is None, "本项目已经亮分。"),
        verdict(not run.calibration, "标定项目不亮分，也不参加排名。"),
    )


def is_complete(run: Run) -> bool:
    return run.expected_sheets > 0 and run.submitted_sheets == run.expected_sheets


def may_sign_pledge(actor: Actor, judge: Judge) -> Verdict:
    return verdict(judge.user_id is not None and judge.user_id == actor.id, "承诺书须由评委本人签署。")


def owns(actor: Actor, sheet: Sheet) -> Verdict:
    owner = sheet.seat.judge.user_id
    return verdict(owner is not None and owner == actor.id, "只能填写本人的评分表。")


def may_open_material(actor: Actor, sheet: Sheet) -> Verdict:
    """The entry's papers: the judge of the sheet, after his pledge."""
    pledged = sheet.seat.judge.has_pledged(sheet.run.session.stage.edition_id)
    return all_of(owns(actor, sheet), verdict(pledged, "请先签署评审承诺书，再查看项目材料。"))


def may_score(actor: Actor, sheet: Sheet) -> Verdict:
    """A sheet opens when its entry is called and stays open until the lock: a tablet that was off line when the
    next entry came up must still deliver what its judge gave."""
    run = sheet.run
    called = run.state in (RunState.ON_STAGE, RunState.DONE)
    return all_of(
        may_open_material(actor, sheet),
        verdict(run.session.state == SessionState.RUNNING, "场次未在进行中，不能打分。"),
        verdict(run.state != RunState.ABSENT, "该项目缺席，不打分。"),
        verdict(called or not run.session.only_on_stage, "该项目尚未上场，暂不能打分。"),
    )


def may_exclude(actor: Actor, sheet: Sheet) -> Verdict:
    """Step aside: the judge himself before submitting; the office or the recorder until the lock."""
    session = sheet.run.session
    return all_of(
        verdict(session.state in (SessionState.DRAWN, SessionState.RUNNING), "场次已锁分，不能再回避。"),
        verdict(bool(owns(actor, sheet)) or bool(may_conduct(actor, session)), "只能为本人申请回避。"),
    )


def may_note_conflict(actor: Actor, judge: Judge) -> Verdict:
    mine = judge.user_id is not None and judge.user_id == actor.id
    return verdict(mine or actor.role in (Role.OFFICE, Role.RECORDER), "您不能登记回避关系。")


def is_chair(actor: Actor, session: Session) -> Verdict:
    """Whether the actor leads this panel."""
    chairs = [seat.judge.user_id for seat in session.seats if seat.is_chair]
    return verdict(actor.id is not None and actor.id in chairs, "只有本场评委组长可以申请更正。")


def may_request_correction(actor: Actor, sheet: Sheet) -> Verdict:
    open_states = (SessionState.RUNNING, SessionState.LOCKED)
    return all_of(
        is_chair(actor, sheet.run.session),
        verdict(sheet.run.session.state in open_states, "本场已签字确认，不能再更正。"),
        verdict(sheet.total_hundredths is not None, "该评分表尚未提交，无须更正。"),
    )


def may_decide_correction(actor: Actor, correction: Correction) -> Verdict:
    return all_of(
        verdict(actor.role == Role.SUPERVISION, "更正须由监督人员审批。"),
        verdict(correction.requested_by_id != actor.id, "申请人不能审批自己的更正。"),
    )


def may_sign(actor: Actor, session: Session, kind: SignerKind) -> Verdict:
    seats = [
        seat for seat in session.seats if seat.judge.user_id is not None and seat.judge.user_id == actor.id
    ]
    entitled = {
        SignerKind.JUDGE: any(not seat.is_chair for seat in seats),
        SignerKind.CHAIR: any(seat.is_chair for seat in seats),
        SignerKind.RECORDER: session.recorder_id is not None and session.recorder_id == actor.id,
        SignerKind.SUPERVISION: actor.role == Role.SUPERVISION,
    }
    return verdict(entitled[kind], f"您不能以{kind.label}身份签字。")


def signer_kind(actor: Actor, session: Session) -> SignerKind | None:
    """As what this person may sign the session, if at all."""
    return next((kind for kind in SignerKind if may_sign(actor, session, kind)), None)


def may_close_signing(actor: Actor, session: Session) -> Verdict:
    return verdict(signer_kind(actor, session) is not None, "您不在本场签字人之列。")


def may_see_values(actor: Actor, session: Session) -> Verdict:
    """Single scores of a panel: nobody before the lock; then those who answer for the result, and its chair."""
    locked = session.state in (SessionState.LOCKED, SessionState.SIGNED)
    staff = actor.role in (Role.OFFICE, Role.SUPERVISION, Role.LEADER)
    panel = session.recorder_id == actor.id or bool(is_chair(actor, session))
    return all_of(
        verdict(locked, "锁分之前不显示评委打分。"), verdict(staff or panel, "您无权查看评委打分。")
    )


def may_freeze(actor: Actor) -> Verdict:
    return has_role(actor, Role.OFFICE)


def may_supersede(actor: Actor, ranking: Ranking) -> Verdict:
    return all_of(
        has_role(actor, Role.OFFICE),
        verdict(ranking.stage.state != StageState.DECIDED, "本轮晋级已经确定，排名不能再撤回。"),
    )


def may_diagnose(actor: Actor, *, chairs: bool) -> Verdict:
    """Ask for a diagnosis: who runs the contest, who watches it, the chairs of the panels it is about."""
    staff = actor.role in (Role.OFFICE, Role.SUPERVISION, None)
    return verdict(staff or chairs, "只有组委会办公室、监督人员和有关评委组长可以发起诊断。")


def may_handle_flag(actor: Actor, _flag) -> Verdict:
    return has_role(actor, Role.OFFICE, Role.SUPERVISION)


def may_judge_flag(actor: Actor, _flag) -> Verdict:
    """What was referred to supervision is supervision's to close."""
    return has_role(actor, Role.SUPERVISION)


def may_answer_flag(actor: Actor, _flag) -> Verdict:
    """A judge; that he chairs a panel of the ranking is asked where the flag is loaded and again by the operation."""
    return has_role(actor, Role.JUDGE)


def may_send_second_look(actor: Actor, ranking: Ranking) -> Verdict:
    """While the round is open: a look that comes after the decision would only cast doubt on it."""
    return all_of(
        has_role(actor, Role.OFFICE),
        verdict(ranking.state == RankingState.FROZEN, "排名已撤回，请对重新冻结的排名复评。"),
        verdict(ranking.stage.state == StageState.RUNNING, "本轮晋级已经确定，不再复评。"),
    )


def may_decline_second_look(actor: Actor, look) -> Verdict:
    owner = look.judge.user_id
    return verdict(owner is not None and owner == actor.id, "只能办理本人的复评。")


def may_recall_second_look(actor: Actor, _look) -> Verdict:
    """Who asked may ask somebody else when no answer comes."""
    return has_role(actor, Role.OFFICE)


def may_give_second_look(actor: Actor, look) -> Verdict:
    pledged = look.judge.has_pledged(look.ranking.stage.edition_id)
    return all_of(
        may_decline_second_look(actor, look),
        verdict(pledged, "请先签署评审承诺书，再查看项目材料。"),
        verdict(look.ranking.stage.state == StageState.RUNNING, "本轮晋级已经确定，不再复评。"),
    )


def may_export_evidence(actor: Actor) -> Verdict:
    """Who runs the contest and who watches it; the operator of the command is the system."""
    return verdict(
        actor.role in (Role.OFFICE, Role.SUPERVISION, None), "只有组委会办公室和监督人员可以导出证据包。"
    )


def seat_of(actor: Actor, session: Session) -> Seat | None:
    return next((seat for seat in session.seats if seat.judge.user_id == actor.id), None)
