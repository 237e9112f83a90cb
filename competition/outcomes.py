"""What the floor above knows of an edition's prizes; the competition itself gives none.

`awards` fills it at start. Without it nobody has a prize yet.
"""

from collections.abc import Callable
from dataclasses import dataclass

from competition.models import Edition


@dataclass(frozen=True)
class Prize:
    entry_id: int
    tier: str
    fen: int


Source = Callable[[Edition], list[Prize]]
_sources: list[Source] = []


def provide(source: Source) -> None:
    """The one source; a second application in the same process names the same again."""
    _sources[:] = [source]


def prizes_of(edition: Edition) -> list[Prize]:
    return [prize for source in _sources for prize in source(edition)]
