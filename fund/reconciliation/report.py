"""The report text, cut into paragraphs, sections and sentences, placed on the lines of the fund tree."""

import re
from collections import Counter
from functools import cached_property

from fund.reconciliation.ledger import Tree
from fund.records import TreeLine
from fund.wording import core, plain, without_brackets

MIN_NAME = 4
SENTENCE_END = re.compile(r"(?<=[。；！？;])")
YEAR = re.compile(r"(20\d\d)\s*年")
_HEADING = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d{1,2}[.．、])\s*"
)
_SPAN = re.compile(r"20\d\d\s*年?\s*(?:至|到|-|—|－|~|～)\s*20\d\d\s*年?|到\s*20\d\d\s*年")

Placed = tuple[TreeLine | None, str]


class Report:
    """Plain text of a yearly report on one tree."""

    def __init__(self, text: str, tree: Tree):
        self.tree = tree
        self.paragraphs = [plain(line) for line in text.splitlines() if line.strip()]

    @cached_property
    def sentences(self) -> list[str]:
        return [sentence for _, sentence in self.placed_sentences]

    @cached_property
    def year(self) -> str:
        """The year spoken of most; figures given for other years are not this year's."""
        counted = Counter(YEAR.findall("\n".join(self.paragraphs)))
        return next((year for year, _ in counted.most_common(1)), "")

    @cached_property
    def placed(self) -> list[Placed]:
        """Each paragraph with the tree line of its section.

        A numbered heading that opens with a line's name starts its section; any other heading ends it.
        """
        found: list[Placed] = []
        current = None
        for paragraph in self.paragraphs:
            heading = _HEADING.match(paragraph)
            if heading:
                current = self._headed(paragraph[heading.end() :])
            found.append((current, paragraph))
        return found

    def _headed(self, heading: str) -> TreeLine | None:
        named = [line for line in self.tree.lines if heading.startswith(without_brackets(line.name))]
        return max(named, key=lambda line: len(line.name), default=None)

    @cached_property
    def placed_sentences(self) -> list[Placed]:
        """Each sentence with the line it names, else the line of its section."""
        return [
            (self._spoken_of(sentence) or section, sentence.strip())
            for section, paragraph in self.placed
            for sentence in SENTENCE_END.split(paragraph)
            if sentence.strip()
        ]

    def _spoken_of(self, sentence: str) -> TreeLine | None:
        cores = ((core(line.name), line) for line in self.tree.lines)
        named = [(len(own), line) for own, line in cores if len(own) >= MIN_NAME and own in sentence]
        return max(named, key=lambda entry: entry[0], default=(0, None))[1]

    def section_of(self, programme: str) -> TreeLine | None:
        """The line in whose section a programme is first spoken of, for names that match no line."""
        name = core(programme)
        if len(name) < MIN_NAME:
            return None
        return next((line for line, paragraph in self.placed if line and name in paragraph), None)


def spans_years(sentence: str) -> bool:
    """Speaks of several years ('2021年至2025年') or of a year's end goal ('到2025年')."""
    return bool(_SPAN.search(sentence))
