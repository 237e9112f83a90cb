"""What imports hang into the application."""

from competition import import_invariants, import_jobs
from core import checks, trail

CHECKS = {
    "imports-counted": import_invariants.batches_count_their_rows,
    "imports-whole": import_invariants.imported_versions_have_rows,
}
ACTIONS = {
    "enterprise.import": "由导入登记",
    "enterprise.update": "更新企业信息",
    "entry.import": "由导入提交",
    "entry.undo_import": "撤销导入",
    "entry.restore": "恢复导入前的内容",
    "entry.restore_returned": "恢复为退回修改",
    "import_batch.make": "上传导入文件",
    "import_batch.check": "检查导入文件",
    "import_batch.report": "检查完成",
    "import_batch.map": "重新对应列",
    "import_batch.refuse": "拒收文件",
    "import_batch.import": "开始导入",
    "import_batch.stop": "停止",
    "import_batch.finish": "导入完成",
    "import_batch.undo": "撤销本批导入",
    "import_batch.finish_undo": "撤销完成",
    "import_batch.discard": "不导入",
}


def provide() -> None:
    trail.name_actions(ACTIONS)
    for name, invariant in CHECKS.items():
        checks.provide(name, invariant)
    import_jobs.init_app()
