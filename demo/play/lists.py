"""The lists that are noticed on the way: who advances from the regional contests, who is recommended."""

from awards.enums import NoticeKind
from awards.notice_rows import advancement_rows, recommendation_rows
from awards.operations import notices
from demo import edition_2018 as data
from demo.play.stage import Play

BODY = "现将名单予以公示。公示期内，单位或个人可实名提出书面异议并提供证据，逾期不予受理。"


def advancement(stage: Play) -> None:
    rows = advancement_rows(stage.edition, stage.stages["regional"])
    _notice(
        stage, NoticeKind.ADVANCEMENT, "地区赛晋级行业赛名单公示（演示数据）", rows, day=(7, 25), end=(8, 1)
    )


def recommendation(stage: Play) -> None:
    """Noticed before it is sent, and before the finals are held."""
    _notice(
        stage,
        NoticeKind.RECOMMENDATION,
        "推荐参加全国行业总决赛名单公示（演示数据）",
        recommendation_rows(stage.edition),
        day=(8, 27),
        end=(9, 3),
    )


def _notice(stage: Play, kind: NoticeKind, title: str, rows: list[dict], *, day, end) -> None:
    notice = notices.draft_notice(
        stage.edition,
        kind=kind,
        title=title,
        body=BODY,
        content=rows,
        actor=stage.office,
        now=data.at(*day, 16),
    )
    notices.approve_notice(notice, actor=stage.second, now=data.at(*day, 17))
    notices.close_notice(notice, actor=stage.office, now=data.at(*end, 10))
    notices.finalise_notice(notice, actor=stage.office, now=data.at(*end, 11))
    stage.step()
