"""What each role comes for, by what it sees: on the phone, the tablet and the office PC of its day."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.clock import utcnow
from core.db import db
from demo.cast import PASSWORD
from demo.codes import credit_code
from tests.factories import judging as make
from tests.factories.competition import PASSWORD as STAFF_PASSWORD
from tests.journeys.conftest import DESKTOP, PHONE, TABLET

pytestmark = pytest.mark.browser

SERIAL, USERNAME = 990_001, "hanyuan"
PAPER = {
    "name": "营业执照.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
}
FORM = (
    {
        "法定代表人": "阿不都·热西提",
        "通讯地址": "乌鲁木齐市天山区演示路 1 号",
        "注册资本": "500",
        "主营业务": "节水灌溉设备的研发与销售。",
        "是否上市": "否",
        "科技型中小企业": "2026650102A0000011",
    },
    {
        "行业": "先进制造",
        "参赛项目名称": "棉田智能滴灌控制器",
        "项目简介": "按土壤墒情自动灌溉的控制器。",
        "技术成熟度": "样机样品",
        "技术来源与创新点": "自主研发，已有样机。",
        "商业模式与实施计划": "直销与代理结合。",
        "行业与市场": "全疆棉田节水需求稳定。",
    },
    {"项目负责人": "古丽", "负责人职务": "总经理", "员工总数": "12", "研发人员数": "5"},
    {"上年度营业收入": "120"},
)


def fill(page: Page, values: dict) -> None:
    for label, value in values.items():
        words = re.compile(f"^{re.escape(label)}")
        group = page.get_by_role("group", name=words)
        if group.count():
            group.get_by_role("radio", name=value).check()
            continue
        field = page.get_by_label(words).first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def sign_in(page: Page, site: str, username: str, password: str = PASSWORD) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_label("用户名").fill(username)
    page.locator("main input[name=password]").fill(password)
    press(page, "登录")
    expect(page.get_by_role("main")).not_to_contain_text("用户名或密码")


def press(page: Page, name: str) -> None:
    """A button that sends a form: the next page is there when this returns."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=name).first.click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name).first.click()


def test_newcomer_registers_on_a_phone_and_is_reviewed(open_page, site):
    phone = open_page(PHONE)
    number = register_and_submit(phone, site)
    bureau = open_page(DESKTOP)
    sign_in(bureau, site, "regional")
    send_back(bureau, site, number)
    correct_and_submit(phone, site, number)
    override_and_pass(bureau, site, number)
    office = open_page(DESKTOP)
    sign_in(office, site, "office")
    office.goto(f"{site}/office/review/{number}")
    press(office, "确认参赛")
    office.goto(f"{site}/office/entries/{number}")
    expect(office.get_by_role("main")).to_contain_text("参赛有效")
    phone.goto(f"{site}/messages")
    expect(phone.get_by_role("main")).to_contain_text("报名审核通过，参赛有效")


def register_and_submit(page: Page, site: str) -> str:
    page.goto(site)
    page.get_by_role("link", name="我要报名").click()
    fill(
        page,
        {
            "统一社会信用代码": credit_code("650102", SERIAL),
            "企业名称": "新疆旱塬·节水科技有限公司（演示数据）",
            "注册地": "乌鲁木齐市 天山区",
            "注册（成立）日期": "2019-03-01",
            "经办人姓名": "古丽",
            "手机": "15400001111",
            "用户名": USERNAME,
        },
    )
    page.locator("main input[name=password]").fill(PASSWORD)
    page.locator("main input[name=repeat]").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    press(page, "注册")
    page.wait_for_url("**/enterprise")
    press(page, "开始报名")
    number = page.url.split("/")[-3]
    for step in FORM:
        fill(page, step)
        press(page, "保存并继续")
    page.get_by_label("选择营业执照").set_input_files(PAPER)
    expect(page.get_by_role("main")).to_contain_text("已上传，内容与本机文件一致")
    expect(page.get_by_role("main")).to_contain_text("营业执照.pdf")
    follow(page, "下一步")
    submit(page)
    return number


def submit(page: Page) -> None:
    page.get_by_role("checkbox").check()
    press(page, "提交报名")
    expect(page.get_by_role("main")).to_contain_text("回执")


def send_back(page: Page, site: str, number: str) -> None:
    page.goto(f"{site}/office/review")
    follow(page, number)
    page.get_by_text("退回修改", exact=True).click()
    page.get_by_label("退回理由").fill("请写明创新点。")
    page.get_by_role("checkbox", name="参赛项目：项目简介").check()
    press(page, "退回企业修改")
    expect(page.get_by_role("main")).to_contain_text("退回")


def override_and_pass(page: Page, site: str, number: str) -> None:
    """A rule that fails stops the passing until somebody decides otherwise and says why."""
    page.goto(f"{site}/office/review/{number}")
    assert page.get_by_role("button", name="审核通过").count() == 0
    page.get_by_role("main").get_by_role("button", name="人工认定").first.click()
    page.get_by_label("认定理由").fill("已核对专利受理通知书原件。")
    with page.expect_navigation():
        page.get_by_role("dialog").get_by_role("button", name="认定符合").click()
    press(page, "审核通过")


def correct_and_submit(page: Page, site: str, number: str) -> None:
    """Only what was flagged is open."""
    page.goto(f"{site}/enterprise/entries/{number}/fill/project")
    expect(page.get_by_role("main")).to_contain_text("请写明创新点。")
    assert page.get_by_label("参赛项目名称").count() == 0
    fill(page, {"项目简介": "按土壤墒情自动灌溉的控制器，创新点是免标定。"})
    press(page, "保存并继续")
    page.goto(f"{site}/enterprise/entries/{number}/fill/pledge")
    press(page, "提交报名")
    expect(page.get_by_role("main")).to_contain_text("回执")


@pytest.fixture
def running(played_app) -> dict:
    """A session of today with its first entry on stage: what a judge and a recorder meet in the hall."""
    with played_app.app_context():
        stage, entries = make.make_field(utcnow(), code="hall")
        session = make.make_running(utcnow(), stage=stage, entries=entries)
        judge = session.seats[1].judge.user.username
        db.session.commit()
        return {"session": session.id, "judge": judge, "recorder": session.recorder.username}


def test_judge_scores_through_a_dead_network(open_page, site, running):
    tablet = open_page(TABLET)
    sign_in(tablet, site, running["judge"], STAFF_PASSWORD)
    tablet.goto(f"{site}/judge")
    tablet.get_by_role("main").locator(".work-list .is-now a").first.click()
    tablet.wait_for_url("**/judge/sheets/*")
    address = tablet.url
    tablet.on("dialog", lambda dialog: dialog.accept())
    tablet.context.set_offline(True)
    for field in tablet.locator("[data-value]").all():
        field.fill(str(float(field.get_attribute("max")) - 2))
    total = tablet.locator("[data-total]").inner_text()
    tablet.get_by_role("button", name="提交评分").click()
    expect(tablet.locator("[data-sync]").first).to_contain_text("本机")
    tablet.context.set_offline(False)
    expect(tablet.locator("[data-sync]").first).not_to_contain_text("本机", timeout=30_000)
    tablet.goto(address)
    expect(tablet.get_by_role("main")).to_contain_text("评分已提交")
    assert tablet.locator("[data-total]").inner_text() == total

    recorder = open_page(DESKTOP)
    sign_in(recorder, site, running["recorder"], STAFF_PASSWORD)
    recorder.goto(f"{site}/judging/sessions/{running['session']}")
    expect(recorder.get_by_role("main")).to_contain_text("1 / 5")
    assert total not in recorder.get_by_role("main").inner_text()


def test_finance_follows_seven_thousand_wan_to_one_bank_receipt(open_page, site):
    page = open_page(DESKTOP)
    sign_in(page, site, "finance")
    page.goto(f"{site}/fund/2018")
    expect(page.get_by_role("main")).to_contain_text("7,000")
    follow(page, "创新创业大赛新上项目")
    page.wait_for_url("**/fund/lines/F18-C-1**")
    page.goto(f"{site}/fund/lines/F18-C-1/transfers?kind=pay")
    page.get_by_role("main").get_by_role("link", name=re.compile("^ZF2018-")).first.click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("银行回单")
    expect(main).to_contain_text("HD2018-")
    follow(page, "查看奖励")
    expect(main).to_contain_text("公示")


def test_supervision_sees_everything_and_changes_nothing(open_page, site):
    page = open_page(DESKTOP)
    sign_in(page, site, "supervision")
    for where, words in {
        "/judging/sessions": "已签字",
        "/judging/rankings": "已冻结",
        "/awards/objections": "异议",
        "/money/payments": "ZF2018-",
        "/admin/audit": "提交报名",
    }.items():
        page.goto(f"{site}{where}")
        main = page.get_by_role("main")
        expect(main).to_contain_text(words)
        senders = main.locator("form[method=post]").count()
        assert senders == 0, where
    page.goto(f"{site}/judging/rankings")
    follow(page, "总决赛 成长组")
    follow(page, "由评分表重算核对")
    expect(page.get_by_role("main")).to_contain_text("重算结果与冻结的排名一致")


def test_visitor_reads_the_results_and_checks_a_certificate(open_page, site):
    phone = open_page(PHONE)
    phone.goto(site)
    phone.goto(f"{site}/winners")
    expect(phone.get_by_role("main")).to_contain_text("一等奖")
    phone.goto(f"{site}/notices")
    follow(phone, "第五届新疆创新创业大赛拟奖励名单公示（演示数据）")
    expect(phone.get_by_role("main")).to_contain_text("公示")
    phone.goto(f"{site}/certificates")
    phone.get_by_label(re.compile("证书编号")).fill("没有这个编号")
    press(phone, "核验")
    expect(phone.get_by_role("main")).to_contain_text("没有找到该编号的证书")


def test_large_type_is_kept_from_page_to_page(open_page, site):
    page = open_page(DESKTOP)
    page.goto(site)
    with page.expect_navigation():
        page.get_by_role("button", name="大字版").first.click()
    page.goto(f"{site}/notices")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 24


def test_role_is_switched_with_one_click_in_the_demo(open_page, site):
    page = open_page(DESKTOP)
    page.goto(site)
    page.get_by_text("切换角色").click()
    with page.expect_navigation():
        page.get_by_role("button", name="分管领导").click()
    expect(page.get_by_text("现为 分管领导")).to_be_visible()


def test_administrators_invite_and_end_sessions_but_see_no_contest(open_page, site):
    page = open_page(DESKTOP)
    sign_in(page, site, "sysadmin")
    page.goto(f"{site}/office/entries")
    expect(page.locator("body")).to_contain_text("没有权限")
    page.goto(f"{site}/admin/users?q=host")
    page.get_by_role("main").get_by_role("link", name="host", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("承办单位（演示）")
    page.goto(f"{site}/admin/invitations/new")
    fill(page, {"角色": "记分员", "姓名或单位": "新记分员"})
    press(page, "生成邀请链接")
    link = re.search(r"http\S+/invitation/\S+", page.get_by_role("main").inner_text()).group()

    newcomer = open_page(PHONE)
    newcomer.goto(link)
    fill(newcomer, {"用户名": "xinjifen"})
    newcomer.locator("main input[name=password]").fill(PASSWORD)
    newcomer.locator("main input[name=repeat]").fill(PASSWORD)
    newcomer.get_by_role("main").locator("button[type=submit]").click()
    newcomer.wait_for_url("**/judging/sessions")


def test_computed_figures_lead_to_exactly_their_rows(open_page, site):
    page = open_page(DESKTOP)
    sign_in(page, site, "finance")
    main = page.get_by_role("main")
    for title, count in {"报名企业数": 712, "培训场次": 12, "获奖企业数": 55}.items():
        page.goto(f"{site}/fund/2018/indicators")
        main.get_by_title(title, exact=True).first.click()
        expect(main).to_contain_text(re.compile(rf"共\s*{count}\s*条"))
