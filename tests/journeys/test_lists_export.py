"""Every list exports exactly what its filter shows: each list page of the played edition, as it stands and filtered.

The lists are found as a person finds them, by links from the doors of each role, so a new list page is tested as soon
as a link leads to it. Both forms are counted against the number the page itself gives.
"""

import csv
import io
import re
import zipfile
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from core import web
from core.app import create_app
from core.db import db
from core.settings import from_environment
from tests.architecture.test_hostile_input import client_of, kind_of, pages_of

# Together they reach every list.
ROLES = ("office", "finance", "sysadmin", "auditadmin", "enterprise")
# Lists that are no registers to take away, each with its reason.
WITHOUT_EXPORT = {
    "site.notices": "a public page; what a notice publishes has its own papers",
    "core.chain_heads": "a public page to print or copy down, kept for anybody",
    "site.results": "a public page, kept for visitors; results leave the house as notices and papers",
    "judging.second_look_list": "a judge's own work, secret until the round ends",
    "judging.chaired_rankings": "a judge's own work; the office exports the ranking",
}
TOTAL = re.compile(r'class="result-count" role="status">共 <strong>([\d,]+)</strong> 条')
CHOICE = re.compile(r'<select[^>]*id="filter-([^"]+)"[^>]*>(.*?)</select>', re.S)


@pytest.fixture(scope="module")
def played_app(played_copy):
    app = create_app(from_environment(played_copy().environment))
    web.limiter.enabled = False
    yield app
    web.limiter.enabled = True
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    return set()


@pytest.mark.parametrize("role", ROLES)
def test_every_list_exports_what_its_filter_shows(played_app, looked_at, role):
    client, wrong = client_of(played_app, role), []
    for kind, address, _ in list(pages_of(played_app, client)):
        if kind in looked_at:
            continue
        page = client.get(address).get_data(as_text=True)
        if "data-toolbar" not in page and 'class="paging' not in page:
            continue
        looked_at.add(kind)
        if kind in WITHOUT_EXPORT:
            continue
        if "export=csv" not in page:
            wrong.append((kind, address, "no export"))
            continue
        for args in ({}, *filters_of(page)):
            if difference := differs(client, address, args):
                wrong.append((kind, address, args, difference))
    assert wrong == []


def test_the_exceptions_are_lists(played_app):
    with played_app.app_context():
        assert set(WITHOUT_EXPORT) <= set(played_app.view_functions)
    assert kind_of(played_app, "/notices", "GET") == "site.notices"


def filters_of(page: str) -> list[dict[str, str]]:
    """A search that finds little, and the first choice of the first two filters."""
    chosen = [{"q": "1"}] if 'name="q"' in page else []
    for name, options in CHOICE.findall(page)[:2]:
        values = [value for value in re.findall(r'<option value="([^"]*)"', options) if value]
        chosen += [{name: values[0]}] if values else []
    return chosen


def differs(client, address: str, args: dict[str, str]) -> tuple | None:
    """(what the page counts, rows of the CSV, rows of the workbook) where they are not the same."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query)) | args
    page = client.get(f"{parts.path}?{urlencode(query)}").get_data(as_text=True)
    counted = TOTAL.search(page)
    shown = int(counted.group(1).replace(",", "")) if counted else None
    rows = [client.get(f"{parts.path}?{urlencode(query | {'export': kind})}") for kind in ("csv", "1")]
    if any(answer.status_code != 200 for answer in rows):
        return tuple(answer.status_code for answer in rows)
    found = (shown, csv_rows(rows[0].get_data()), xlsx_rows(rows[1].get_data()))
    return None if len(set(found)) == 1 else found


def csv_rows(content: bytes) -> int:
    return len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) - 1


def xlsx_rows(content: bytes) -> int:
    """Rows below the head, which is frozen; a note may stand above it."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    head = int(re.search(r'ySplit="(\d+)"', sheet).group(1))
    return max((int(row) for row in re.findall(r'<row r="(\d+)"', sheet)), default=0) - head
