"""Files of entries as the national platform exports them, and batches made of them. All names are invented."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter

from competition.models import Edition, ImportBatch
from competition.operations import imports
from core import files
from core.files import CSV
from core.rules import Actor
from tests.factories.competition import credit_code, office

HEADS = {
    "number": "序号",
    "name": "企业名称",
    "credit_code": "统一社会信用代码",
    "registered_on": "注册日期",
    "division_code": "地州市/县",
    "track": "行业",
    "group": "组别",
    "title": "项目名称",
    "revenue": "上年营业收入",
    "sme_number": "入库编号",
    "ip_count": "知识产权数",
    "contact_name": "联系人",
    "contact_phone": "手机",
    "state": "审核状态",
    "recommended_by": "推荐单位(盖章)",
}


def row(number: int, **changes: str) -> dict[str, str]:
    """The number-th row of a list, valid unless changed."""
    return {
        "number": str(number),
        "name": f"演示导入{number}号有限公司",
        "credit_code": credit_code(900_000 + number),
        "registered_on": "2025-03-01",
        "division_code": "乌鲁木齐市/天山区",
        "track": "先进制造",
        "group": "初创组",
        "title": f"演示项目{number}",
        "revenue": "860.5",
        "sme_number": "",
        "ip_count": "2",
        "contact_name": "古丽·演示",
        "contact_phone": f"138{number:08d}",
        "state": "已提交",
        "recommended_by": "",
        **changes,
    }


def table(rows: Sequence[dict[str, str]], heads: dict[str, str] | None = None) -> list[list[str]]:
    heads = heads or HEADS
    return [list(heads.values()), *([line.get(name, "") for name in heads] for line in rows)]


def as_csv(lines: Sequence[Sequence[str]], encoding: str = "gb18030") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(lines)
    return buffer.getvalue().encode(encoding)


def as_xlsx(lines: Sequence[Sequence[str]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("报名汇总表")
        for at, line in enumerate(lines):
            for column, text in enumerate(line):
                sheet.write_string(at, column, text)
    return buffer.getvalue()


def make_batch(
    edition: Edition,
    rows: Sequence[dict[str, str]],
    now: datetime,
    *,
    source: str = "全国平台导出",
    actor: Actor | None = None,
    content: bytes | None = None,
    name: str = "名单.csv",
    mapping: dict | None = None,
) -> ImportBatch:
    """Handed in, its columns matched."""
    by = {"actor": actor or office(now), "now": now}
    stored = files.store_bytes(as_csv(table(rows)) if content is None else content, name, CSV, **by)
    return imports.make_batch(edition, stored, source=source, mapping=mapping, **by)


def drive(steps) -> list[tuple[int, int]]:
    return list(steps)


def check(batch: ImportBatch, now: datetime) -> ImportBatch:
    by = {"actor": office(now), "now": now}
    imports.check_batch(batch, mapping=batch.mapping, send=False, **by)
    drive(imports.check(batch.id, job_id=None, **by))
    return batch


def run(edition: Edition, rows: Sequence[dict[str, str]], now: datetime, **options) -> ImportBatch:
    """Handed in, checked, and written as far as it can be."""
    batch, by = check(make_batch(edition, rows, now, **options), now), {"actor": office(now), "now": now}
    if batch.new_count + batch.changed_count:
        imports.import_batch(batch, send=False, **by)
        drive(imports.write(batch.id, job_id=None, **by))
    return batch


def undo(batch: ImportBatch, now: datetime) -> ImportBatch:
    by = {"actor": office(now), "now": now}
    imports.undo_batch(batch, reason="导入了错误的文件", send=False, **by)
    drive(imports.undo(batch.id, job_id=None, **by))
    return batch
