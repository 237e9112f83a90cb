"""Messages of the judge's queue: the same twice, an older one late, another device's in between."""

import pytest

from core.errors import Conflict
from judging.operations import sheets
from tests.factories import judging as make

pytestmark = pytest.mark.usefixtures("ctx")


@pytest.fixture
def send(now):
    """send(client, counter, base, step) to one sheet, as its judge."""
    sheet = make.make_running(now).runs[0].sheets[0]

    def message(client: str, counter: int, base: int | None, step: int = 0):
        by = {"actor": sheet.seat.judge.user, "now": now}
        ids = {"client_id": client, "client_counter": counter, "base_version": base}
        return sheets.save_sheet(sheet, values=make.values(step), **ids, **by)

    return message


def test_same_message_twice_changes_nothing(send):
    first = send("tablet", 4, 1)
    version = first.version
    assert send("tablet", 4, 1).version == version


def test_late_older_message_is_refused(send):
    sheet = send("tablet", 4, 1, step=50)
    with pytest.raises(Conflict) as refused:
        send("tablet", 3, 1)
    assert refused.value.code == "stale"
    assert sheets.values_of(sheet) == make.values(50)


@pytest.mark.parametrize("base", [1, None], ids=["an older page", "a page that says nothing"])
def test_other_device_does_not_replace_what_it_has_not_seen(send, base):
    sheet = send("tablet", 4, 1, step=50)
    with pytest.raises(Conflict) as refused:
        send("phone", 9, base)
    assert refused.value.code == "other_device"
    assert sheets.values_of(sheet) == make.values(50)
    send("phone", 10, sheet.version, step=100)
    assert sheets.values_of(sheet) == make.values(100)


def test_queue_does_not_replace_what_a_plain_form_saved(send, now):
    sheet = send("tablet", 1, 1)
    seen = sheet.version
    sheets.save_sheet(sheet, values=make.values(50), actor=sheet.seat.judge.user, now=now)
    with pytest.raises(Conflict):
        send("tablet", 2, seen)
    assert sheets.values_of(sheet) == make.values(50)
