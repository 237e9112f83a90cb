"""Word lists are written as one text each, so that they stay short and readable."""


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())
