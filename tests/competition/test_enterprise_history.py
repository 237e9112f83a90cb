"""One record per credit code: past awards that bar, where an enterprise comes from, hand-over by the office."""

import io
import re

import pytest
from sqlalchemy import select

from competition.enums import EntryState, LineageKind, LineageState
from competition.models import EnterpriseContact, PastAward
from competition.operations import enterprises, lineages, past_awards
from competition.queries import findings_of
from core.db import commit, db
from core.errors import Conflict, InvalidInput, NotAllowed
from tests.factories import competition as factory


@pytest.fixture
def by(ctx, now):
    return {"actor": factory.office(now), "now": now}


def award(code: str, **changes) -> dict:
    return {
        "credit_code": code,
        "name": "演示",
        "contest": "第六届全国赛",
        "level": "national",
        "year": 2025,
        "tier": "third",
        "group": "growth",
        "acceptance_passed": True,
        "source": "",
        **changes,
    }


def outcome(entry, rule: str) -> str:
    return next(finding.outcome.value for finding in findings_of(entry) if finding.rule == rule)


def test_a_registered_prize_bars_and_a_withdrawn_one_does_not(now, by):
    edition = factory.make_edition(now)
    winner, cleared = factory.make_enterprise(now), factory.make_enterprise(now)
    past_awards.enter_past_award(**award(winner.credit_code), **by)
    gone = past_awards.enter_past_award(**award(cleared.credit_code), **by)
    past_awards.withdraw_past_award(gone, reason="录入错误", **by)
    entries = [
        factory.make_entry(edition, now, state=EntryState.SUBMITTED, enterprise=each)
        for each in (winner, cleared)
    ]
    assert [outcome(entry, "national_winner") for entry in entries] == ["fail", "pass"]
    with pytest.raises(Conflict):
        past_awards.withdraw_past_award(gone, reason="再来", **by)
    commit()
    assert factory.broken_invariants() == []


@pytest.mark.parametrize(("confirmed", "expected"), [(True, "fail"), (False, "pass")])
def test_a_prize_of_the_predecessor_counts_once_the_office_confirmed_it(now, by, confirmed, expected):
    edition = factory.make_edition(now)
    enterprise = factory.make_enterprise(now)
    before = factory.credit_code(77)
    past_awards.enter_past_award(**award(before), **by)
    contact = {"actor": factory.contact_of(enterprise), "now": now}
    lineage = lineages.state_lineage(
        enterprise, kind=LineageKind.PREDECESSOR, name="旧公司", year=2020, credit_code=before, **contact
    )
    if confirmed:
        lineages.confirm_lineage(lineage, **by)
    entry = factory.make_entry(edition, now, state=EntryState.SUBMITTED, enterprise=enterprise)
    assert outcome(entry, "national_winner") == expected
    commit()
    assert factory.broken_invariants() == []


def test_a_team_is_kept_with_its_contest_and_the_office_decides(now, by):
    enterprise, other = factory.make_enterprise(now), factory.make_enterprise(now)
    contact = factory.contact_of(enterprise)
    values = {"kind": LineageKind.TEAM, "name": "棉田小队", "year": 2024}
    with pytest.raises(InvalidInput, match="赛事"):
        lineages.state_lineage(enterprise, **values, actor=contact, now=now)
    with pytest.raises(NotAllowed):
        lineages.state_lineage(other, **values, contest="第五届", actor=contact, now=now)
    lineage = lineages.state_lineage(enterprise, **values, contest="第五届", actor=contact, now=now)
    with pytest.raises(NotAllowed):
        lineages.confirm_lineage(lineage, actor=contact, now=now)
    with pytest.raises(InvalidInput):
        lineages.refuse_lineage(lineage, reason="", **by)
    lineages.refuse_lineage(lineage, reason="成员不同", **by)
    assert lineage.state == LineageState.REFUSED


def test_the_office_hands_an_enterprise_over_when_nobody_can_be_reached(now, by):
    enterprise = factory.make_enterprise(now)
    contact = factory.contact_of(enterprise)
    with pytest.raises(InvalidInput, match="依据"):
        enterprises.hand_over_by_office(enterprise, name="新人", reason=" ", **by)
    with pytest.raises(NotAllowed):
        enterprises.hand_over_by_office(enterprise, name="新人", reason="来函", actor=contact, now=now)
    _, token = enterprises.hand_over_by_office(enterprise, name="新人", reason="盖章来函", **by)
    user = enterprises.accept_contact_invitation(
        token, username="xinren", password=factory.PASSWORD, phone="13900000123", now=now
    )
    rows = db.session.scalars(select(EnterpriseContact).where(EnterpriseContact.until.is_(None))).all()
    assert [row.user_id for row in rows] == [user.id]
    commit()
    assert factory.broken_invariants() == []


class TestPages:
    @pytest.fixture
    def code(self, prepared):
        def make(now):
            factory.office(now)
            factory.regional(now, "650200")
            entry = factory.make_entry(factory.make_edition(now), now, state=EntryState.SUBMITTED)
            return entry.enterprise.credit_code

        return prepared(make)

    def test_the_record_shows_every_edition_and_hands_over(self, code, as_user):
        office = as_user("office-staff")
        page = f"/office/enterprises/{code}"
        assert code in office.text("/office/enterprises")
        assert "棉田智能灌溉系统" in office.text(page)
        answer = office.post(f"{page}/hand-over", {"name": "新人", "reason": "来函"}, source=page)
        assert "/join/" in answer.get_data(as_text=True)
        assert office.post(f"{page}/hand-over", {"name": "新人"}, source=page).status_code == 422

    def test_a_regional_office_sees_its_own_prefecture_alone(self, code, as_user):
        assert as_user("regional-650100").get(f"/office/enterprises/{code}").status_code == 200
        assert as_user("regional-650200").get(f"/office/enterprises/{code}").status_code == 404

    def test_an_enterprise_states_where_it_comes_from_and_the_office_confirms(self, code, as_user):
        own, office = as_user("enterprise-1"), as_user("office-staff")
        form = {"kind": "team", "name": "棉田小队", "contest": "第五届", "year": "2024"}
        assert own.post("/enterprise/history", form, source="/enterprise/history").status_code == 303
        assert (
            own.post("/enterprise/history", form | {"year": "x"}, source="/enterprise/history").status_code
            == 422
        )
        assert "待核实" in own.text("/enterprise/history")
        page = f"/office/enterprises/{code}"
        address = re.search(rf'action="({page}/lineages/\d+/confirm)"', office.text(page)).group(1)
        assert office.post(address, source=page).status_code == 303
        assert "已确认" in own.text("/enterprise/history")

    def test_past_awards_are_entered_imported_withdrawn_and_exported(self, app, code, as_user):
        office = as_user("office-staff")
        form = {
            "credit_code": code,
            "name": "演示",
            "contest": "市赛",
            "level": "city",
            "year": "2024",
            "tier": "first",
            "group": "",
        }
        page = "/office/past-awards"
        assert office.post(f"{page}/new", form, source=f"{page}/new").status_code == 303
        assert office.post(f"{page}/new", form, source=f"{page}/new").status_code == 422
        assert (
            office.post(f"{page}/new", form | {"credit_code": "1"}, source=f"{page}/new").status_code == 422
        )
        lines = f"统一社会信用代码,企业名称,赛事名称,级别,年度,奖项\n{code},演示,市赛,地州市,2024,一等奖\n{code},演示,区赛,自治区,2025年,二等奖\n"
        for content, status in (
            (lines, 303),
            (lines + "1,演示,区赛,自治区,2025,二等奖\n", 422),
            ("x\n", 422),
        ):
            token = re.search(r'name="csrf_token" value="([^"]+)"', office.text(f"{page}/import")).group(1)
            data = {"csrf_token": token, "file": (io.BytesIO(content.encode("gb18030")), "名单.csv")}
            assert office.client.post(f"{page}/import", data=data).status_code == status
        with app.app_context():
            rows = db.session.scalars(select(PastAward).order_by(PastAward.id)).all()
            assert [(row.contest, row.level, row.tier) for row in rows] == [
                ("市赛", "city", "first"),
                ("区赛", "provincial", "second"),
            ]
            first = rows[0].id
        assert office.post(f"{page}/{first}/withdraw", {"reason": ""}, source=page).status_code == 422
        assert office.post(f"{page}/{first}/withdraw", {"reason": "重复"}, source=page).status_code == 303
        assert "已撤销" in office.text(page)
        assert office.get(f"{page}?export=1").status_code == 200
