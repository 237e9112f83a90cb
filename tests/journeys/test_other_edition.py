"""An edition unlike 2018, configured on the pages in a browser alone, and registered for by a script over HTTP."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from competition.enums import EntryState
from competition.models import Edition, Entry
from competition.queries import findings_of
from core.clock import beijing, utcnow
from core.db import db
from demo.codes import credit_code
from tests.journeys.test_stories import PASSWORD, fill, press, sign_in

pytestmark = pytest.mark.browser
CODE = "hm-open"
NAME = "天山创新挑战赛（演示数据）"
TRACKS = {"智慧农业": "farming", "文旅数字化": "tourism", "新能源汽车": "cars", "储能": "storage"}
REGIONS = {
    "首府赛区": ["乌鲁木齐市"],
    "油城赛区": ["克拉玛依市", "塔城地区"],
    "东疆赛区": ["吐鲁番市", "哈密市"],
    "昌吉赛区": ["昌吉回族自治州"],
    "博州赛区": ["博尔塔拉蒙古自治州"],
    "巴州赛区": ["巴音郭楞蒙古自治州"],
    "南疆一区": ["阿克苏地区", "克孜勒苏柯尔克孜自治州"],
    "南疆二区": ["喀什地区", "和田地区"],
    "北疆赛区": ["伊犁哈萨克自治州", "阿勒泰地区"],
}
CRITERIA = (("创新性", "novelty", 40), ("落地能力", "delivery", 35), ("团队", "team", 25))
ROUNDS = (
    {"名称": "网络初评", "类别": "网络评审", "评委人数": "3"},
    {"名称": "总决赛", "类别": "总决赛", "评委人数": "9"},
)


def at(moment) -> str:
    return f"{beijing(moment):%Y-%m-%dT%H:%M}"


def configure(page: Page, site: str) -> None:
    now, year = utcnow(), beijing(utcnow()).year
    page.goto(f"{site}/office/editions/new")
    fill(page, {"届次名称": NAME, "代码": CODE, "第几届": "1", "年度": str(year)})
    press(page, "建立草稿")
    page.goto(f"{site}/office/editions/{CODE}/edit")
    moments = {
        "报名开始": now - timedelta(days=1),
        "注册截止": now + timedelta(days=3),
        "报名截止": now + timedelta(days=4),
    }
    for label, moment in moments.items():
        page.get_by_label(label).fill(at(moment))
    fill(
        page,
        {"营业收入上限": "500", "最早成立日期": "2021-05-01", "知识产权最少件数": "0", "公示工作日": "7"},
    )
    page.get_by_label("初创组起始日期").fill(f"{year - 2}-07-01")
    page.get_by_label("项目简介").fill("200")
    for kind in ("营业执照", "商业计划书"):
        page.get_by_label(kind, exact=True).uncheck()
    page.get_by_label("财务报表或审计报告", exact=True).check()
    press(page, "保存参数")
    page.goto(f"{site}/office/editions/{CODE}/parts")
    for name, code in TRACKS.items():
        page.get_by_label("行业名称").fill(name)
        page.get_by_label("代码", exact=False).first.fill(code)
        press(page, "增加行业")
    for name, prefectures in REGIONS.items():
        page.get_by_label("赛区名称").fill(name)
        for prefecture in prefectures:
            page.get_by_label(prefecture, exact=True).check()
        press(page, "增加赛区")
    page.get_by_role("row", name=re.compile("^储能")).get_by_role("link", name="修改").click()
    fill(page, {"评审室": "并入“新能源汽车”"})
    press(page, "保存")
    criteria(page, site)
    rounds(page, site)


def criteria(page: Page, site: str) -> None:
    for group in ("startup", "growth"):
        page.goto(f"{site}/office/editions/{CODE}/criteria/{group}")
        for row in range(8):
            name, code, points = CRITERIA[row] if row < len(CRITERIA) else ("", "", "")
            for column, value in (("name", name), ("code", code), ("points", str(points))):
                page.locator(f"[name=rows-{row}-{column}]").fill(value)
        press(page, "保存评分项")


def rounds(page: Page, site: str) -> None:
    for number, values in enumerate(ROUNDS):
        page.goto(f"{site}/office/editions/{CODE}/stages/new")
        fill(page, values)
        if number == 0:
            page.locator("#places").select_option(label="每单元固定名额")
            fill(page, {"名额数或百分比": "2"})
            page.get_by_role("group", name="名额按什么分").get_by_label("赛区").check()
            page.get_by_label("单独设定的名额").fill("首府赛区：6")
        press(page, "保存轮次")


def publish(page: Page, site: str) -> None:
    page.goto(f"{site}/office/editions/{CODE}/preview")
    for words in (
        "500 万元",
        "储能与新能源汽车合并",
        "首府赛区 6 个",
        "项目简介不超过 200 字",
        "创新性",
        "公示 7 个工作日",
    ):
        expect(page.get_by_role("main")).to_contain_text(words)
    page.goto(f"{site}/office/editions/{CODE}")
    page.get_by_role("button", name="发布规则并开放报名").click()
    page.get_by_label("请输入“发布”以确认").fill("发布")
    with page.expect_navigation():
        page.get_by_role("dialog").get_by_role("button", name="发布规则并开放报名").click()
    expect(page.get_by_role("main")).to_contain_text("报名中")


class Script:
    """A client that was never shown our code: it reads forms and sends them."""

    def __init__(self, open_page, site: str) -> None:
        self.site, self.request = site, open_page().context.request

    def text(self, path: str) -> str:
        return self.request.get(self.site + path).text()

    def post(self, path: str, form: dict, *, source: str, **files):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.text(source)).group(1)
        data = {"csrf_token": token, **form, **files}
        kind = {"multipart": data} if files else {"form": data}
        return self.request.post(self.site + path, max_redirects=0, **kind)

    def register(self, number: int, **changes):
        form = {
            "credit_code": credit_code("653101", 990_500 + number),
            "name": f"新疆昆仑·{'阿不都热依木' * 5}{number}有限公司（演示数据）",
            "division_code": "653101",
            "registered_on": "2022-03-01",
            "contact_name": "古丽娜尔·阿不都热合曼江·麦麦提依明",
            "contact_phone": f"1540000{number:04d}",
            "username": f"kunlun{number}",
            "password": PASSWORD,
            "repeat": PASSWORD,
            "agree": "y",
        }
        return self.post("/register", form | changes, source="/register")

    def start(self) -> str:
        answer = self.post(f"/enterprise/start/{CODE}", {}, source="/enterprise")
        return answer.headers["location"].split("/")[-3]


BASICS = {"legal_person": "古丽", "address": "路 1 号", "capital": "10", "business": "农业", "listed": "no"}
PROJECT = {
    "track": "farming",
    "title": "<b>滴灌</b> & '监测'",
    "abstract": "智慧农业。",
    "maturity": "pilot",
    "technology": "自研",
    "business_model": "租赁",
    "market": "南疆",
}
TEAM = {"leader_name": "麦麦提·吐尔逊", "leader_position": "经理", "staff_count": "3", "research_count": "1"}
FINANCE = {"revenue": "600"}


def test_it_is_configured_published_and_registered_for(open_page, site, played_app):
    office = open_page()
    sign_in(office, site, "office")
    configure(office, site)
    publish(office, site)
    script = Script(open_page, site)
    for wrong in (
        {"credit_code": "91650100MA0000007X"},
        {"registered_on": "2999-01-01"},
        {"name": "\x00"},
        {"username": "a b"},
    ):
        assert script.register(1, **wrong).status == 422
    assert script.register(1).status == 303
    assert Script(open_page, site).register(1, username="another").status == 422
    number = script.start()
    base = f"/enterprise/entries/{number}"
    for step, values in (("basics", BASICS), ("project", PROJECT), ("team", TEAM), ("finance", FINANCE)):
        assert script.post(f"{base}/fill/{step}", values, source=f"{base}/fill/{step}").status == 303
    late = script.post(f"{base}/submit", {"integrity": "y"}, source=f"{base}/fill/pledge")
    assert (late.status, "请上传财务报表" in late.text()) == (422, True)
    long = script.post(f"{base}/fill/project", {"abstract": "字" * 201}, source=f"{base}/fill/project")
    assert long.status == 303
    refused = script.post(f"{base}/submit", {"integrity": "y"}, source=f"{base}/fill/pledge")
    assert "项目简介最多 200 字，现为 201 字" in refused.text()
    script.post(f"{base}/fill/project", {"abstract": "智慧农业。"}, source=f"{base}/fill/project")
    upload = {"name": "报表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 report"}
    assert script.post(f"{base}/files/finance", {}, source=f"{base}/fill/files", file=upload).status == 303
    assert script.post(f"{base}/submit", {"integrity": "y"}, source=f"{base}/fill/pledge").status == 303
    assert script.post(f"{base}/submit", {"integrity": "y"}, source="/enterprise").status in (409, 302)
    receipt = script.request.get(f"{site}{base}/receipts/1.pdf")
    assert receipt.body().startswith(b"%PDF")
    with played_app.app_context():
        entry = db.session.scalar(select(Entry).where(Entry.number == number))
        edition = db.session.scalar(select(Edition).where(Edition.code == CODE))
        assert (entry.state, entry.region.name, entry.group.value) == (
            EntryState.SUBMITTED,
            "南疆二区",
            "growth",
        )
        assert (len(edition.tracks), len(edition.regions), edition.rules_version) == (4, 9, 1)
        failed = [finding.rule for finding in findings_of(entry) if finding.outcome.value == "fail"]
        assert failed == ["revenue"]
