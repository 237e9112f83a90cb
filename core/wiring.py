"""Core's own doors, commands, jobs and invariants."""

from flask import Flask

from core import checks, cli, heads, jobs, nav, triggers
from core.enums import Role
from core.views import account, admin, bp, sessions
from core.views import heads as head_pages

PAGES = (account, admin, sessions, head_pages)


def init_app(app: Flask) -> None:
    jobs.init_app(app)
    checks.init_app()
    triggers.append_only("audit_event", "published_head")
    checks.provide("published-heads", heads.heads_still_fit)
    jobs.every_minute("publish-heads", heads.publish_due)
    app.register_blueprint(bp)
    cli.init_app(app)
    nav.provide("账号管理", "core.users", "people", Role.SYSADMIN, Role.SECADMIN, order=10, section="系统")
    nav.provide("邀请", "core.invite", "envelope", Role.SYSADMIN, Role.SECADMIN, order=20, section="系统")
    nav.provide("后台任务", "core.jobs_list", "list-check", Role.SYSADMIN, order=30, section="系统")
    nav.provide(
        "账链公布",
        "core.chain_heads",
        "lock",
        Role.AUDITADMIN,
        Role.SUPERVISION,
        Role.FINANCE,
        order=905,
        section="系统",
    )
    nav.provide("审计记录", "core.audit_log", "journal-text", Role.AUDITADMIN, order=10, section="系统")
    nav.provide("审计记录", "core.audit_log", "journal-text", Role.SUPERVISION, order=900, section="系统")
    nav.provide(
        "工作日历",
        "core.calendar_days",
        "calendar-event",
        Role.OFFICE,
        Role.SYSADMIN,
        order=910,
        section="系统",
    )
    nav.provide("邀请账号", "core.invite", "envelope", Role.OFFICE, order=920, section="系统")
