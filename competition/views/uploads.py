"""Attachments of an entry: sent in parts that survive a broken line, shown, fetched again in any version."""

from flask import render_template, request
from flask_login import current_user

from competition import queries
from competition.enums import AttachmentKind
from competition.forms.wizard import PartForm, UploadStartForm, attachment_kinds
from competition.models import Entry, Upload
from competition.operations import entries as operations
from competition.views import bp
from competition.views.enterprise import own_entry
from competition.views.presenting import closed_fields, files_by_kind
from core import files, parts, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible

BY_PERSON = web.limiter.limit("20000/hour", key_func=lambda: f"uploads:{current_user.get_id()}")


def kind_named(name: str) -> AttachmentKind:
    if name not in attachment_kinds():
        raise NotVisible()
    return AttachmentKind(name)


@bp.post("/enterprise/entries/<number>/files/<kind>/begin")
@allow(Role.ENTERPRISE)
@BY_PERSON
def upload_begin(number: str, kind: str):
    """Where to go on with this very file: from its first byte, or from where the line broke."""
    entry, wanted, form = own_entry(number), kind_named(kind), UploadStartForm()
    if not form.validate():
        raise InvalidInput("没有收到文件的名称和大小，请重新选择文件。", code="upload_begin")
    upload = operations.begin_upload(
        entry,
        kind=wanted,
        name=form.name.data,
        size=form.size.data,
        mark=form.mark.data or "",
        actor=current_user,
        now=web.now(),
    )
    return {"token": upload.token, "part": parts.PART_SIZE, **_state(entry, upload)}


@bp.get("/enterprise/entries/<number>/uploads/<token>")
@allow(Role.ENTERPRISE)
def upload_state(number: str, token: str):
    """Asked after a broken line: how much has arrived, or that everything had arrived before it broke."""
    entry = own_entry(number)
    return _state(entry, operations.find_upload(entry, token, current_user))


@bp.post("/enterprise/entries/<number>/uploads/<token>")
@allow(Role.ENTERPRISE)
@BY_PERSON
def upload_part(number: str, token: str):
    entry, form = own_entry(number), PartForm()
    upload, part = operations.find_upload(entry, token, current_user), request.files.get("part")
    if not form.validate() or part is None:
        raise InvalidInput("没有收到文件内容，请重新上传。", code="upload_part")
    operations.receive_part(
        upload,
        part.stream,
        offset=form.offset.data,
        sha256=form.sha256.data or "",
        actor=current_user,
        now=web.now(),
    )
    return _state(entry, upload)


def _state(entry: Entry, upload: Upload) -> dict:
    if upload.attachment_id is None:
        return {"received": parts.received(upload.token), "size": upload.size, "done": False}
    return {"received": upload.size, "size": upload.size, "done": True, "html": _section(entry, upload.kind)}


def _section(entry: Entry, kind: AttachmentKind) -> str:
    return render_template(
        "competition/_upload.html",
        entry=entry,
        kind=kind,
        versions=files_by_kind(entry).get(kind, []),
        closed=closed_fields(entry),
        file_errors={},
    )


@bp.get("/enterprise/entries/<number>/files/<int:attachment_id>")
@allow(Role.ENTERPRISE)
def own_file(number: str, attachment_id: int):
    return files.send(queries.attachment_by_id(own_entry(number), attachment_id).file)


@bp.get("/enterprise/entries/<number>/files/<int:attachment_id>/preview")
@allow(Role.ENTERPRISE)
def own_file_preview(number: str, attachment_id: int):
    return files.show(queries.attachment_by_id(own_entry(number), attachment_id).file)
