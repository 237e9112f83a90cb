"""What the office may choose for a round's scores: chosen on the pages, checked, kept, published, copied."""

import pytest

from competition import queries
from competition.enums import CriterionMode, Group
from competition.models import Edition
from competition.operations import editions
from core.db import db
from core.errors import InvalidInput
from tests.factories import competition as factory

CODE = "xj2026"
ROUND = {
    "kind": "final",
    "name": "总决赛",
    "panel_size": "7",
    "score_step": "10",
    "aggregation": "trimmed",
    "drop_high": "1",
    "drop_low": "1",
    "pitch_minutes": "8",
    "answer_minutes": "7",
    "tie_basis": "exact",
    "second_kind": "weighted",
    "second_name": "大众评审",
    "second_size": "20",
    "second_weight": "40",
    "look_rule": "weighted",
    "look_weight": "50",
    "tie_1": "criterion:team",
    "tie_2": "earlier_round",
    "tie_3": "panel_decision",
    "tie_4": "",
    "tie_shared": "y",
    "places": "",
}


def draft(now):
    edition = factory.make_edition(now, publish=False)
    return edition.stages[2].id


def stage_of(app, position=2):
    edition = db.session.scalar(db.select(Edition).where(Edition.code == CODE))
    return edition.stages[position]


def test_a_round_is_given_its_panels_ties_and_second_looks(prepared, as_user, app):
    stage_id = prepared(draft)
    person, page = as_user("office-staff"), f"/office/editions/{CODE}/stages/{stage_id}/edit"
    assert "团队得分" in person.text(page) and "大众评审" in person.text(page)
    assert person.post(page, ROUND, source=page).status_code == 303
    with app.app_context():
        stage = stage_of(app)
        assert stage.second_panel == {"name": "大众评审", "size": 20, "weight": 40}
        assert stage.second_look == {"how": "weighted", "weight": 50}
        assert stage.tie_chain == ["criterion:team", "earlier_round", "panel_decision", "both_advance"]
        assert stage.round_first is False
        db.session.rollback()
    again = person.text(page)
    assert 'value="criterion:team" selected' in again or 'selected value="criterion:team"' in again
    preview = person.text(f"/office/editions/{CODE}/preview")
    assert "评委 60%、大众评审 40%" in preview and "复评平均分占 50%" in preview
    assert person.post(page, ROUND | {"second_kind": "popularity"}, source=page).status_code == 303
    assert "大众评审只给人气分，不计入" in person.text(f"/office/editions/{CODE}")
    plain = ROUND | {"second_kind": "", "look_rule": ""}
    assert person.post(page, plain, source=page).status_code == 303
    with app.app_context():
        assert (stage_of(app).second_panel, stage_of(app).second_look) == ({}, {})
        db.session.rollback()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"second_weight": ""}, "占比应为 1 至 99 的整数"),
        ({"second_weight": "100"}, "应为 1 至 99 的整数"),
        ({"second_size": "4"}, "至少要保留三个分数"),
        ({"second_size": ""}, "第二评审团应为 3 至 99 人"),
        ({"second_name": " "}, "请填写第二评审团的名称"),
        ({"look_weight": ""}, "复评占比应为 1 至 99 的整数"),
        ({"tie_2": "criterion:team"}, "步骤不能重复"),
    ],
)
def test_what_does_not_fit_is_said_and_kept(prepared, as_user, change, said):
    stage_id = prepared(draft)
    person, page = as_user("office-staff"), f"/office/editions/{CODE}/stages/{stage_id}/edit"
    answer = person.post(page, ROUND | change, source=page)
    words = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in words and 'value="总决赛"' in words


def test_criteria_are_marked_out_of_ten(prepared, as_user, app):
    prepared(draft)
    person, page = as_user("office-staff"), f"/office/editions/{CODE}/criteria/startup"
    rows = {}
    for place, (code, points) in enumerate((("technology", 60), ("team", 40))):
        row = {"code": code, "name": code, "mode": "ten_point", "points": str(points), "hint": ""}
        rows |= {f"rows-{place}-{name}": value for name, value in row.items()}
    assert person.post(page, {"group": "startup", **rows}, source=page).status_code == 303
    with app.app_context():
        edition = stage_of(app).edition
        found = queries.criteria_of(edition, Group.STARTUP)
        assert [(row.mode, row.top_mark, row.worth(850)) for row in found] == [
            (CriterionMode.TEN_POINT, 1000, 5100),
            (CriterionMode.TEN_POINT, 1000, 3400),
        ]
        db.session.rollback()
    assert "10 分 × 6" in person.text(f"/office/editions/{CODE}/preview")


def test_rules_that_could_not_be_scored_by_are_not_published(ctx, now):
    edition = factory.make_edition(now, publish=False, mode=CriterionMode.TEN_POINT)
    by = {"actor": factory.office(now), "now": now}
    editions.change_stage(edition.stages[0], values={"score_step": 1}, **by)
    editions.change_stage(edition.stages[1], values={"tie_chain": ["criterion:gone"]}, **by)
    with pytest.raises(InvalidInput) as refused:
        editions.publish_edition(edition, **by)
    assert "打分最小单位太小" in refused.value.sentence and "“gone”" in refused.value.sentence


def test_a_copy_keeps_how_scores_are_made(ctx, now):
    rules = {"second_panel": {"name": "大众评审", "size": 5, "weight": 40}, "second_look": {"how": "pooled"}}
    source = factory.make_edition(now, mode=CriterionMode.TEN_POINT, stage_changes=rules)
    by = {"actor": factory.office(now), "now": now}
    copy = editions.copy_edition(source, code="xj2027", name="又一届", ordinal=14, year=2027, **by)
    stage = copy.stages[0]
    assert (stage.second_panel, stage.second_look) == (rules["second_panel"], rules["second_look"])
    assert {row.mode for row in queries.criteria_of(copy, Group.GROWTH)} == {CriterionMode.TEN_POINT}
    assert queries.rules_content(source)["criteria"]["startup"][0]["mode"] == "ten_point"
