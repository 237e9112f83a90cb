"""推荐全国赛表 and the torch centre's table: columns, opinions and their freezing, what a regional office sees."""

import csv
import io

import pytest
from sqlalchemy import select

from awards import prizes
from competition import outcomes, torch_statistics
from competition.enums import StageKind, VisitConclusion, VisitState
from competition.models import Candidacy, Recommendation, RecommendationList, Visit
from competition.operations import recommendation
from competition.recommended import rows_of
from core.db import commit, db
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from tests.factories import competition as factory

CODE = "xj2026"
PAGE = f"/office/editions/{CODE}/recommendation"
# DOMAIN.md 5.4, in its order; 成绩, 名次 and 奖项 of the local contest in columns of their own.
HEADS = [
    *(
        "序号",
        "赛区",
        "行业",
        "组别",
        "企业名称",
        "统一社会信用代码",
        "注册日期",
        "入库登记编号/高企编号",
        "参赛项目",
    ),
    *(
        "联系人",
        "手机",
        "地方赛成绩（地区赛）",
        "地方赛名次（地区赛）",
        "地方赛成绩（行业赛）",
        "地方赛名次（行业赛）",
    ),
    *("地方赛奖项", "尽调结论", "推荐单位意见"),
]


def listed(now, *places: str) -> RecommendationList:
    """A drafted list of one entry from each place, ranked in both local rounds, visited and found good."""
    edition = factory.make_edition(now)
    stages = {stage.kind: stage for stage in edition.stages}
    lead = factory.staff(Role.DUE_DILIGENCE, now)
    for rank, place in enumerate(places, 1):
        entry = factory.make_entry(edition, now, division_code=place)
        for kind, score in ((StageKind.REGIONAL, 8000), (StageKind.INDUSTRY, 9000)):
            row = {"rank": rank, "score_hundredths": score - 50 * rank}
            db.session.add(Candidacy(stage=stages[kind], entry=entry, **row))
        visit = Visit(
            entry=entry, stage_id=stages[StageKind.INDUSTRY].id, lead_id=lead.id, planned_on=now.date()
        )
        visit.conclusion = VisitConclusion.PASS
        db.session.add(visit)
    db.session.flush()
    return recommendation.draft_recommendation(
        edition, stage=stages[StageKind.INDUSTRY], actor=factory.office(now), now=now
    )


@pytest.fixture
def drafted(ctx, now):
    return listed(now, "650102", "653101")


class TestRows:
    def test_results_conclusion_and_prize(self, drafted, now, monkeypatch):
        first, second = rows_of(drafted, drafted.items)
        assert [(place.score_hundredths, place.rank) for place in first.results.values()] == [
            (7950, 1),
            (8950, 1),
        ]
        assert (second.conclusion, second.prize) == ("合格（未签字）", "")
        assert second.in_short == "地区赛 79.00 第2；行业赛 89.00 第2"
        visit = db.session.scalar(select(Visit).where(Visit.entry_id == drafted.items[0].entry_id))
        visit.state = VisitState.SIGNED
        prize = outcomes.Prize(drafted.items[0].entry_id, "一等奖", 10)
        monkeypatch.setattr(outcomes, "_sources", [lambda _edition: [prize]])
        first, _ = rows_of(drafted, drafted.items)
        assert (first.conclusion, first.prize) == ("合格", "一等奖")
        assert first.in_short.endswith("；一等奖")

    def test_statements_do_not_grow(self, drafted, count_statements):
        items = list(drafted.items)
        seen = []
        for chosen in (items[:1], items):
            with count_statements() as statements:
                rows_of(drafted, chosen)
            seen.append(len(statements))
        assert seen[0] == seen[1]

    def test_the_floor_above_tells_the_prizes(self, app):
        assert outcomes._sources == [prizes.prizes_of]


class TestOpinion:
    def test_by_the_bureau_of_the_entry_or_the_office_and_nobody_else(self, drafted, now):
        item = drafted.items[1]
        for actor in (factory.regional(now, "653100"), factory.office(now)):
            recommendation.give_opinion(drafted, item, text=f" {actor.username} ", actor=actor, now=now)
            assert item.opinion == actor.username
        for actor in (factory.regional(now, "650100"), factory.staff(Role.LEADER, now)):
            with pytest.raises(NotAllowed):
                recommendation.give_opinion(drafted, item, text="否", actor=actor, now=now)
        commit()
        assert factory.broken_invariants() == []

    def test_it_is_part_of_what_was_sent(self, drafted, now):
        office, item = factory.office(now), drafted.items[0]
        before = recommendation.digest_of(drafted)
        recommendation.give_opinion(drafted, item, text="同意推荐。", actor=office, now=now)
        assert recommendation.digest_of(drafted) != before
        recommendation.send_recommendation(drafted, actor=office, now=now)
        with pytest.raises(Conflict):
            recommendation.give_opinion(drafted, item, text="改口", actor=office, now=now)
        assert recommendation.digest_of(drafted) == drafted.content_hash

    def test_too_long_is_refused_with_its_length(self, drafted, now):
        with pytest.raises(InvalidInput, match="最多 300 字，现为 301 字"):
            recommendation.give_opinion(
                drafted, drafted.items[0], text="字" * 301, actor=factory.office(now), now=now
            )


class TestPage:
    @pytest.fixture(autouse=True)
    def drafted(self, prepared):
        prepared(lambda now: listed(now, "650102", "653101").id)

    def table(self, person) -> list[list[str]]:
        content = person.get(f"{PAGE}?export=csv").get_data().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(content)))

    def test_columns_of_the_export(self, as_user):
        heads, first, second = self.table(as_user("office-staff"))
        assert heads == HEADS
        assert first[11:17] == ["79.50", "1", "89.50", "1", "", "合格（未签字）"]
        assert second[12] == "2"

    def test_a_bureau_writes_for_its_own_entries(self, as_user):
        bureau = as_user("regional-653100")
        assert len(self.table(bureau)) == 2
        words = {"opinion-1": "越权", "opinion-2": "=同意推荐。"}
        assert bureau.post(f"{PAGE}/opinions", words, source=PAGE).status_code == 303
        rows = self.table(as_user("office-staff"))
        assert [row[-1] for row in rows[1:]] == ["", "'=同意推荐。"]
        assert bureau.post(f"{PAGE}/send", source=PAGE).status_code == 403

    def test_a_refusal_keeps_every_text(self, app, as_user):
        office = as_user("office-staff")
        answer = office.post(
            f"{PAGE}/opinions", {"opinion-1": "同意。", "opinion-2": "字" * 301}, source=PAGE
        )
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert "第 2 项的意见最多 300 字" in text and ">同意。<" in text and "字" * 301 in text
        with app.app_context():
            assert set(db.session.scalars(select(Recommendation.opinion))) == {""}

    def test_the_torch_centres_table(self, as_user):
        office = as_user("office-staff")
        address = f"/office/editions/{CODE}/statistics"
        assert "未找到火炬中心的正式表样" in office.text(address)
        content = office.get(f"{address}?export=csv").get_data().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(content)))
        assert rows[0] == ["类别", "指标", "数值", "单位", "口径"]
        values = {row[1]: row[2] for row in rows[1:]}
        expected = {
            "报名企业数": "2",
            "参赛有效企业数": "2",
            "行业赛参赛项目": "2",
            "推荐全国赛项目": "2",
            "获奖项目": "0",
        }
        assert {label: values[label] for label in expected} == expected


def test_figures_of_an_empty_edition_are_all_nought(ctx, now):
    found = torch_statistics.figures_of(factory.make_edition(now))
    assert {figure.value for figure in found if figure.label != "赛区"} == {"0"}
