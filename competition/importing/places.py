"""The place in a cell -> the code of a division: '乌鲁木齐市/天山区', '昌吉州阜康市', '天山区', '650102'."""

import re
import unicodedata
from collections.abc import Iterable

from core.errors import InvalidInput

_PROVINCE = re.compile(r"^(?:新疆维吾尔自治区|新疆)(?!生产建设兵团)")
_CORPS = re.compile(r"^(?:新疆)?(?:生产建设)?兵团")
_BETWEEN = re.compile(r"[\s/、,，\-—·>|\\]+")
_PEOPLES = re.compile(r"(?P<name>.+?)(?:回族|哈萨克|蒙古|柯尔克孜)自治州$")
_SHORT = {"博尔塔拉": "博州", "巴音郭楞": "巴州", "克孜勒苏": "克州"}


def plain(text: str) -> str:
    """Without province, separators and full width; the Corps' own prefix is taken away as well."""
    text = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    return _CORPS.sub("", _PROVINCE.sub("", text)) or text


class Places:
    """The divisions of one year. Names that two divisions share are ambiguous unless the prefecture stands before."""

    def __init__(self, divisions: Iterable[tuple[str, str, str | None]]):
        """`divisions` are (code, name, code of the division above or None)."""
        rows = [(code, plain(name), above) for code, name, above in divisions]
        names = {code: name for code, name, _ in rows}
        self._codes = frozenset(names)
        self._found: dict[str, set[str]] = {}
        for code, name, above in rows:
            self._found.setdefault(name, set()).add(code)
            for upper in _names_of(names[above]) if above in names else ():
                self._found.setdefault(upper + name, set()).add(code)
        for code, name, _ in rows:
            for short in _names_of(name):
                self._found.setdefault(short, {code})

    def code_of(self, text: str) -> str:
        """Raises InvalidInput with code `place_unknown` or `place_ambiguous`."""
        if text.strip().upper() in self._codes:
            return text.strip().upper()
        found = self._found.get(plain(text), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise InvalidInput(f"有不止一个“{text[:30]}”，请写明地州市。", code="place_ambiguous")
        raise InvalidInput(
            f"区划表中没有“{text[:30]}”，应写作“地州市/县市区”，例如“乌鲁木齐市/天山区”。",
            code="place_unknown",
        )


def _names_of(name: str) -> tuple[str, ...]:
    """What an upper division is called: 昌吉回族自治州 is also 昌吉州 and 昌吉, 阿克苏地区 also 阿克苏."""
    peoples = _PEOPLES.match(name)
    if peoples:
        stem = peoples["name"]
        return tuple(n for n in (name, f"{stem}自治州", f"{stem}州", stem, _SHORT.get(stem)) if n)
    stem = re.sub(r"(?:地区|市)$", "", name)
    return (name, stem) if len(stem) > 1 else (name,)
