"""Changing published rules: a reason, a second person, a notice; what was decided keeps its version."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from competition import queries
from competition.enums import EditionState, EntryState, Group, RuleChangeState
from competition.models import Edition, EditionRules, Entry
from competition.operations import editions, rounds
from core import checks
from core.db import commit, db
from core.enums import Role
from core.errors import Conflict, IllegalTransition, InvalidInput, NotAllowed
from core.models import Message
from core.rules import Actor
from tests.factories import competition as factory

S = EntryState


@pytest.fixture
def by(ctx, now) -> dict:
    return {"actor": factory.office(now), "now": now}


@pytest.fixture
def second(ctx, now) -> Actor:
    return factory.staff(Role.OFFICE, now, username="office-second")


@pytest.fixture
def edition(ctx, now) -> Edition:
    return factory.make_edition(now)


def changed(edition: Edition, by: dict, **values):
    change = editions.start_change(edition, **by)
    if values:
        editions.update_edition(change.draft, values=values, **by)
    return change


def published(edition: Edition, by: dict, second: Actor, **values) -> EditionRules:
    change = changed(edition, by, **values)
    editions.propose_change(change, reason="上级文件调整了收入上限", **by)
    return editions.publish_change(change, actor=second, now=by["now"])


def test_nothing_of_the_edition_moves_before_a_second_person_publishes(edition, by, second):
    before = queries.rules_content(edition)
    change = changed(edition, by, revenue_max_fen=30_000_000_000)
    assert queries.rules_content(edition) == before
    editions.propose_change(change, reason="上级文件调整了收入上限", **by)
    assert queries.rules_content(edition) == before
    with pytest.raises(NotAllowed):
        editions.publish_change(change, **by)
    rules = editions.publish_change(change, actor=second, now=by["now"])
    assert (rules.number, edition.rules_version, rules.reason) == (2, 2, "上级文件调整了收入上限")
    assert edition.revenue_max_fen == 30_000_000_000
    commit()
    assert factory.broken_invariants() == []


def test_the_versions_keep_their_own_text(edition, by, second):
    published(edition, by, second, revenue_max_fen=30_000_000_000)
    first, now_in_force = (queries.rules_by_number(edition, number) for number in (1, 2))
    texts = [str(queries.text_of_version(version)) for version in (first, now_in_force)]
    assert ("20,000 万元" in texts[0], "30,000 万元" in texts[0]) == (True, False)
    assert ("20,000 万元" in texts[1], "30,000 万元" in texts[1]) == (False, True)
    (difference,) = queries.changes_between(edition, 2)
    assert difference["title"] == "参赛条件"
    assert "20,000" in difference["removed"][0]
    assert "30,000" in difference["added"][0]


def test_what_was_submitted_keeps_its_version_and_a_later_one_takes_the_new(edition, by, second, now):
    early = factory.make_entry(edition, now, state=S.SUBMITTED)
    published(edition, by, second, revenue_max_fen=1_000_000)
    late = factory.make_entry(edition, now, state=S.SUBMITTED)
    assert (early.rules_version, late.rules_version) == (1, 2)
    outcomes = [
        next(f.outcome.value for f in queries.findings_of(entry) if f.rule == "revenue")
        for entry in (early, late)
    ]
    assert outcomes == ["pass", "fail"]


def test_everybody_concerned_is_told_what_and_why(edition, by, second, now):
    entry = factory.make_entry(edition, now, state=S.SUBMITTED)
    bureau = factory.regional(now, "650100")
    stranger = factory.make_enterprise(now)
    published(edition, by, second, revenue_max_fen=30_000_000_000)
    rows = {row.user_id: row for row in db.session.scalars(select(Message)) if "第 2 版" in row.title}
    assert set(rows) == {factory.contact_of(entry.enterprise).id, bureau.id}
    assert "上级文件调整了收入上限" in rows[bureau.id].body
    assert "30,000 万元" in rows[bureau.id].body
    assert factory.contact_of(stranger).id not in rows


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_needed(edition, by, reason):
    change = changed(edition, by, revenue_max_fen=1)
    with pytest.raises(InvalidInput, match="理由"):
        editions.propose_change(change, reason=reason, **by)


def test_without_a_difference_there_is_nothing_to_propose(edition, by):
    with pytest.raises(InvalidInput, match="没有差别"):
        editions.propose_change(changed(edition, by), reason="理由", **by)


def test_a_proposed_copy_stands_still_until_it_is_returned(edition, by, second, now):
    change = changed(edition, by, revenue_max_fen=1_000_000)
    editions.propose_change(change, reason="理由", **by)
    with pytest.raises(IllegalTransition):
        editions.update_edition(change.draft, values={"revenue_max_fen": 5}, **by)
    editions.return_change(change, reason="请核对金额", actor=second, now=now)
    editions.update_edition(change.draft, values={"revenue_max_fen": 2_000_000}, **by)
    assert change.state == RuleChangeState.DRAFTING


def test_one_change_at_a_time_and_a_withdrawn_one_makes_way(edition, by):
    change = changed(edition, by)
    with pytest.raises(Conflict):
        editions.start_change(edition, **by)
    editions.withdraw_change(change, **by)
    assert editions.start_change(edition, **by).draft.code != change.draft.code


def test_a_working_copy_is_no_edition_of_any_list_and_cannot_be_opened_itself(edition, by, now):
    draft = changed(edition, by).draft
    assert [row.code for row in queries.editions_for_choice(by["actor"])] == [edition.code]
    assert [row.id for row in queries.open_editions(now)] == [edition.id]
    with pytest.raises(NotAllowed):
        editions.publish_edition(draft, **by)
    assert draft.state == EditionState.DRAFT


def test_parts_are_added_renamed_and_moved(edition, by, second, now):
    entry = factory.make_entry(edition, now, state=S.SUBMITTED, division_code="650102")
    change = changed(edition, by)
    draft = change.draft
    editions.change_track(draft.tracks[0], name="新一代电子信息", room_of=draft.tracks[1], **by)
    editions.add_track(draft, code="newenergy-cars", name="新能源汽车", **by)
    editions.change_region(
        draft.regions[0], name="乌鲁木齐—吐鲁番赛区", host="新承办", prefectures=["650100"], **by
    )
    editions.add_stage(draft, kind="web", name="网络评审", panel_size=3, **by)
    editions.move_part(draft.stages[-1], up=True, **by)
    editions.propose_change(change, reason="按产业目录调整", **by)
    editions.publish_change(change, actor=second, now=now)
    db.session.expire_all()
    assert [track.name for track in edition.tracks][:1] == ["新一代电子信息"]
    assert edition.tracks[0].room.code == "internet"
    assert edition.tracks[-1].code == "newenergy-cars"
    assert edition.regions[0].name == "乌鲁木齐—吐鲁番赛区"
    assert [stage.name for stage in edition.stages] == ["地区赛", "行业赛", "网络评审", "总决赛"]
    stored = db.session.get(Entry, entry.id)
    assert stored.region_id == edition.regions[0].id
    commit()
    assert factory.broken_invariants() == []
    assert checks.run_all("references-whole") == []


def test_a_prefecture_that_changes_its_region_takes_its_entries_along(edition, by, second, now):
    entry = factory.make_entry(edition, now, state=S.SUBMITTED, division_code="650204")
    change = changed(edition, by)
    editions.remove_region(change.draft.regions[1], **by)
    editions.change_region(
        change.draft.regions[0], name="乌鲁木齐赛区", host="", prefectures=["650100", "650200"], **by
    )
    with pytest.raises(Conflict, match="不能删除"):
        editions.propose_change(change, reason="合并赛区", **by)
    editions.withdraw_change(change, **by)
    change = changed(edition, by)
    keep = change.draft.regions[1]
    editions.change_region(change.draft.regions[2], name="东疆", host="", prefectures=["650400"], **by)
    editions.change_region(keep, name="克拉玛依赛区", host="", prefectures=["650200"], **by)
    editions.propose_change(change, reason="改名", **by)
    editions.publish_change(change, actor=second, now=now)
    assert db.session.get(Entry, entry.id).region_id == edition.regions[1].id


def test_what_has_begun_is_not_touched_any_more(edition, by, second, now):
    factory.make_entry(edition, now, state=S.ACCEPTED)
    editions.close_registration(edition, **by)
    rounds.open_stage(edition.stages[0], **by)
    change = changed(edition, by)
    editions.change_stage(change.draft.stages[0], values={"panel_size": 7}, **by)
    with pytest.raises(Conflict, match="已经开始"):
        editions.propose_change(change, reason="理由", **by)
    editions.withdraw_change(change, **by)
    change = changed(edition, by)
    editions.change_stage(change.draft.stages[2], values={"panel_size": 9}, **by)
    editions.propose_change(change, reason="总决赛增加评委", **by)
    editions.publish_change(change, actor=second, now=now)
    assert [stage.panel_size for stage in edition.stages] == [5, 5, 9]


def test_criteria_of_a_round_replace_those_of_the_edition_in_it(edition, by, second, now):
    change = changed(edition, by)
    final = change.draft.stages[2]
    rows = [
        {"code": "technology", "name": "技术", "max_hundredths": 6000},
        {"code": "team", "name": "团队", "max_hundredths": 4000},
    ]
    for group in Group:
        editions.set_criteria(change.draft, group=group, criteria=rows, stage=final, **by)
    editions.propose_change(change, reason="总决赛单列评分标准", **by)
    editions.publish_change(change, actor=second, now=now)
    found = [queries.criteria_of(edition, Group.GROWTH, stage) for stage in edition.stages]
    assert [len(criteria) for criteria in found] == [5, 5, 2]
    assert "总决赛的评分标准" in str(queries.text_of_version(queries.rules_by_number(edition, 2)))
    commit()
    assert factory.broken_invariants() == []


def test_moments_move_by_extension_only(edition, by, second, now):
    """An extension granted while the copy was written is in the text of the next version."""
    change = changed(edition, by, revenue_max_fen=1_000_000)
    later = edition.entry_deadline + timedelta(days=3)
    editions.extend_deadline(edition, field="entry_deadline", new_at=later, reason="停电", **by)
    editions.propose_change(change, reason="理由", **by)
    assert [item["title"] for item in queries.changed_rules(change)] == ["参赛条件"]
    editions.publish_change(change, actor=second, now=now)
    assert edition.entry_deadline == later


class TestPages:
    @pytest.fixture
    def code(self, prepared):
        def make(now):
            edition = factory.make_edition(now)
            factory.staff(Role.LEADER, now)
            factory.make_entry(edition, now, state=S.SUBMITTED)
            return edition.code

        return prepared(make)

    def test_from_the_button_to_the_public_page(self, code, as_user, visitor):
        office, leader = as_user("office-staff"), as_user("leader-staff")
        page = f"/office/editions/{code}"
        assert "调整规则" in office.text(page)
        change = office.post(f"{page}/rule-changes", source=page).location
        draft = f"/office/editions/{code}-tz1"
        assert office.get(f"{draft}/edit").status_code == 200
        tracks = office.text(f"{draft}/parts")
        assert "先进制造" in tracks
        assert (
            office.post(
                f"{draft}/tracks", {"name": "新能源汽车", "code": "cars"}, source=f"{draft}/parts"
            ).status_code
            == 303
        )
        assert "新能源汽车" in office.text(change)
        assert office.post(f"{change}/propose", {"reason": "新增行业"}, source=change).status_code == 303
        assert office.post(f"{change}/publish", {"confirm_word": "发布"}, source=change).status_code == 403
        assert "新增行业" in leader.text("/messages")
        assert leader.post(f"{change}/publish", {"confirm_word": "发"}, source=change).status_code == 422
        assert "新能源汽车" not in visitor.text(f"/rules/{code}")
        assert leader.post(f"{change}/publish", {"confirm_word": "发布"}, source=change).status_code == 303
        text = visitor.text(f"/rules/{code}")
        assert "第 2 版" in text
        assert "新增行业" in text
        assert "新能源汽车" in text
        assert "新能源汽车" not in visitor.text(f"/rules/{code}/1")
        assert "这是以前的版本" in visitor.text(f"/rules/{code}/1")

    def test_preview_publication_and_public_page_say_the_same(self, prepared, as_user, visitor):
        """The text an enterprise is shown before is, to the letter, the text that is frozen."""
        code = prepared(lambda now: factory.make_edition(now, publish=False).code)
        office = as_user("office-staff")
        page = f"/office/editions/{code}"
        before = office.text(f"{page}/preview").split('<div class="stack">')[1].split("</main>")[0]
        assert office.post(f"{page}/publish", {"confirm_word": "发布"}, source=page).status_code == 303
        after = office.text(f"{page}/rules/1").split('<div class="stack">')[1].split("</main>")[0]
        assert after == before
        body = before.strip().removesuffix("</div>").strip()
        assert body in visitor.text(f"/rules/{code}")
