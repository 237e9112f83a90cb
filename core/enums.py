"""Roles and kinds of the core tables. Values are stored; labels are shown."""

from enum import StrEnum


class Role(StrEnum):
    ENTERPRISE = "enterprise"
    COUNTY = "county"
    REGIONAL = "regional"
    HOST = "host"
    OFFICE = "office"
    JUDGE = "judge"
    RECORDER = "recorder"
    DUE_DILIGENCE = "due_diligence"
    PROGRAMME = "programme"
    FINANCE = "finance"
    LEADER = "leader"
    SUPERVISION = "supervision"
    SYSADMIN = "sysadmin"
    SECADMIN = "secadmin"
    AUDITADMIN = "auditadmin"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.ENTERPRISE: "参赛企业",
    Role.COUNTY: "县市区联络员",
    Role.REGIONAL: "地州市科技局",
    Role.HOST: "承办单位",
    Role.OFFICE: "组委会办公室",
    Role.JUDGE: "评委",
    Role.RECORDER: "记分员",
    Role.DUE_DILIGENCE: "尽职调查组",
    Role.PROGRAMME: "计划主管处室",
    Role.FINANCE: "财务",
    Role.LEADER: "分管领导",
    Role.SUPERVISION: "监督（纪检）",
    Role.SYSADMIN: "系统管理员",
    Role.SECADMIN: "安全管理员",
    Role.AUDITADMIN: "审计管理员",
}

# Separation of the three administrators (三员分离, GB/T 22239-2019): none of them touches contest data.
ADMINISTRATORS = frozenset({Role.SYSADMIN, Role.SECADMIN, Role.AUDITADMIN})


class Via(StrEnum):
    """Through what a change came in."""

    WEB = "web"
    CLI = "cli"
    JOB = "job"
    SYNC = "sync"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class InstallationKind(StrEnum):
    REAL = "real"
    DEMO = "demo"


class DivisionLevel(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    DIRECT_CITY = "direct_city"
    XPCC = "xpcc"
    XPCC_DIVISION = "xpcc_division"


# What a browser shows by itself and cannot take for a page: these may be previewed, everything else is only sent.
SHOWN_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png"})
