"""The one tree of refusals. Each has an HTTP meaning, a stable code and a sentence for the person refused."""


class Refusal(Exception):
    status = 400
    code = "refused"
    sentence = "操作未能完成。"

    def __init__(self, sentence: str | None = None, *, code: str | None = None, field: str | None = None):
        self.sentence = sentence or self.sentence
        self.code = code or self.code
        self.field = field
        super().__init__(self.sentence)


class NotAllowed(Refusal):
    status = 403
    code = "not_allowed"
    sentence = "您没有办理此事项的权限。"


class NotVisible(Refusal):
    """What a person may not know of does not exist for him."""

    status = 404
    code = "not_found"
    sentence = "没有找到该内容，可能已被移动，或您无权查看。"


class IllegalTransition(Refusal):
    status = 409
    code = "illegal_transition"
    sentence = "当前状态下不能进行此操作，请刷新页面查看最新状态。"


class Conflict(Refusal):
    status = 409
    code = "conflict"
    sentence = "内容已被他人更新，请刷新后核对再提交。"


class InvalidInput(Refusal):
    status = 422
    code = "invalid"
    sentence = "填写内容有误，请按提示修改。"


class TooMany(Refusal):
    status = 429
    code = "too_many"
    sentence = "操作过于频繁，请稍后再试。"
