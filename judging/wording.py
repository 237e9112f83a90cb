"""The pledge judges sign; its digest is kept with the signature, so what was signed can be shown later."""

PLEDGE_TITLE = "评审回避与保密承诺书"

PLEDGE_CLAUSES = (
    "独立、客观、公正评分，不受任何单位和个人干预，不与参赛企业私下接触，不收受礼品、礼金和宴请。",
    "与参赛企业存在持股投资、任职、亲属、顾问辅导、同一单位、竞争或其他可能影响公正的关系时，主动申请回避。",
    "对参赛项目的技术、商业、财务材料及评审过程、评分、讨论内容严格保密，不复制、不外传、不用于评审以外的用途。",
    "结果公布前不向任何人透露评分与名次；评审结束后不留存任何参赛材料。",
    "遵守赛程安排和评审纪律，接受监督人员监督；违反承诺的，愿意承担相应责任。",
)


def pledge_text() -> str:
    return "\n".join(
        (PLEDGE_TITLE, *(f"{number}. {clause}" for number, clause in enumerate(PLEDGE_CLAUSES, 1)))
    )
