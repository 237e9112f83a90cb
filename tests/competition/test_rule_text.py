"""The rules as text: what each parameter says, and what a change of it makes different."""

from datetime import timedelta

import pytest

from competition import queries, rule_text
from competition.operations import diligence, editions, rounds
from core.enums import Role
from tests.factories import competition as factory


@pytest.fixture
def by(ctx, now):
    return {"actor": factory.office(now), "now": now}


@pytest.fixture
def draft(ctx, now):
    return factory.make_edition(now, publish=False)


def said(edition) -> str:
    return "\n".join(
        line for section in queries.rules_content(edition)["text"] for line in rule_text.lines_of(section)
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"revenue_max_fen": 3_000_000_000}, "不超过 3,000 万元（含）"),
        ({"founded_from": None}, None),
        (
            {"eligibility": {"ip_min": 3, "ip_pending_ok_for_startup": True}},
            "不少于 3 件，无产权纠纷；初创组可以用已受理的申请",
        ),
        (
            {"eligibility": {"recent_winner": {"levels": ["city"], "within_years": 2}}},
            "近 2 年在地州市赛获一、二、三等奖的企业不得参赛",
        ),
        (
            {"eligibility": {"award_cap": {"levels": ["city", "provincial"], "most": 2}}},
            "累计不超过 2 次，再次获奖须为更高等次或另一组别",
        ),
        ({"eligibility": {"unfinished_acceptance": "fail"}}, "尚未通过验收的，不得参赛"),
        ({"eligibility": {"other_entry": "manual"}}, "已参加本系统其他届次（分赛）的，由审核人核实"),
        (
            {"eligibility": {"number_required_at": "registration", "number_exempts_startup": False}},
            "各组报名时须取得",
        ),
        ({"eligibility": {"sme_number_years": [2026]}}, "（2026 年）"),
        ({"text_limits": {"abstract": 300}}, "项目简介不超过 300 字"),
        ({"notice_days": 7, "notice_counts_first": False}, "公示 7 个工作日（自次日起算）"),
        ({"required_attachments": ["licence", "finance"]}, "须上传：营业执照、财务报表或审计报告"),
    ],
)
def test_every_parameter_is_said(draft, by, values, words):
    before = queries.rules_content(draft)["text"]
    editions.update_edition(draft, values=values, **by)
    after = queries.rules_content(draft)["text"]
    assert rule_text.changes(before, after) != []
    assert words is None or words in said(draft)


def test_a_shared_room_is_said_and_makes_one_unit(draft, by, now):
    small, host = draft.tracks[0], draft.tracks[1]
    editions.change_track(small, name=small.name, room_of=host, **by)
    assert f"{small.name}与{host.name}合并在同一评审室" in said(draft)
    editions.publish_edition(draft, **by)
    entries = [
        factory.make_entry(draft, now, values={"track": code})
        for code in ("electronics", "internet", "materials")
    ]
    rounds.open_stage(draft.stages[0], **by)
    found = {row.entry_id: rounds.candidate_of(row).track for row in rounds.candidacies_of(draft.stages[0])}
    assert [found[entry.id] for entry in entries] == ["internet", "internet", "materials"]


def test_rooms_are_one_level_deep(draft, by):
    first, second, third = draft.tracks[:3]
    editions.change_track(first, name="甲", room_of=second, **by)
    for track, room in ((second, third), (third, first), (third, third)):
        with pytest.raises(Exception, match="只能并入"):
            editions.change_track(track, name="乙", room_of=room, **by)
    with pytest.raises(Exception, match="请先改为单独设室"):
        editions.remove_track(second, **by)


def test_a_copy_has_rooms_own_criteria_and_quotas_of_its_own_regions(draft, by):
    editions.change_track(draft.tracks[0], name="甲", room_of=draft.tracks[1], **by)
    rows = [{"code": "technology", "name": "技术", "max_hundredths": 10_000}]
    editions.set_criteria(draft, group="startup", criteria=rows, stage=draft.stages[2], **by)
    quota = {
        "by": ["region"],
        "places": {"kind": "fixed", "otherwise": 2, "table": [[[str(draft.regions[3].id)], 5]]},
    }
    editions.change_stage(draft.stages[0], values={"quota": quota, "recommends": True}, **by)
    copy = editions.copy_edition(draft, code="xj2027", name="下一届", ordinal=14, year=2027, **by)
    assert copy.tracks[0].room is copy.tracks[1]
    assert [row.name for row in queries.criteria_of(copy, "startup", copy.stages[2])] == ["技术"]
    assert copy.stages[0].quota["places"]["table"] == [[[str(copy.regions[3].id)], 5]]
    assert copy.stages[0].recommends
    assert copy.entry_deadline.year == draft.entry_deadline.year + 1
    assert f"{copy.regions[3].name} 5 个" in said(copy)


def test_a_tie_rule_needs_its_criterion(draft, by):
    editions.change_stage(draft.stages[0], values={"tie_chain": ["criterion:beauty"]}, **by)
    assert any("beauty" in gap for gap in queries.publication_gaps(draft))


def test_a_limit_of_the_edition_counts_at_submission(draft, by, now):
    editions.update_edition(draft, values={"text_limits": {"abstract": 20}}, **by)
    editions.publish_edition(draft, **by)
    entry = factory.make_entry(draft, now, state=factory.EntryState.DRAFT, values={"abstract": "字" * 21})
    gaps = queries.submission_gaps(entry, queries.checked(entry))
    assert [gap.sentence for gap in gaps] == ["项目简介最多 20 字，现为 21 字。"]


def test_order_of_lines_is_a_change_too():
    one = [{"title": "甲", "lines": ["一", "二"], "tables": []}]
    other = [{"title": "甲", "lines": ["二", "一"], "tables": []}]
    assert rule_text.changes(one, other) == [{"title": "甲", "removed": ["一", "二"], "added": ["二", "一"]}]
    assert rule_text.changes(one, one) == []


def test_visits_only_after_the_declared_round(draft, by, now):
    editions.change_stage(draft.stages[1], values={"visits_after": True}, **by)
    editions.publish_edition(draft, **by)
    entry = factory.make_entry(draft, now)
    lead = factory.staff(Role.DUE_DILIGENCE, now)
    with pytest.raises(Exception, match="行业赛之后"):
        diligence.plan_visit(
            entry,
            stage=draft.stages[0],
            lead=lead,
            members=[],
            planned_on=(now + timedelta(days=1)).date(),
            **by,
        )
