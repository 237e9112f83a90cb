"""Where performance figures come from: the upper packages register a query under a name at start.

So the self-evaluation computes from the whole system while this package imports only core.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Source:
    """A computed figure: what it is, how it is counted, and the page, with its filter, that shows its rows."""

    label: str
    query: Callable[[int], Decimal | int]
    endpoint: str = ""
    arguments: Callable[[int], dict[str, object]] | None = None

    def arguments_of(self, fiscal_year: int) -> dict[str, object]:
        return self.arguments(fiscal_year) if self.arguments else {}


_sources: dict[str, Source] = {}


def provide(
    name: str,
    query: Callable[[int], Decimal | int],
    *,
    label: str,
    endpoint: str = "",
    arguments: Callable[[int], dict[str, object]] | None = None,
) -> None:
    """`query(fiscal_year)` gives the figure in the indicator's own unit (万元 as Decimal, counts as int)."""
    _sources[name] = Source(label, query, endpoint, arguments)


def source(name: str) -> Source | None:
    return _sources.get(name)


def computed(name: str, fiscal_year: int) -> Decimal | None:
    found = _sources.get(name)
    return None if found is None else Decimal(found.query(fiscal_year))
