"""Awards this system itself gave in earlier editions, told by the floor above: the repeat-entry rules ask for them too."""

from collections.abc import Callable, Collection

from competition.eligibility import PastAward

_tellers: list[Callable[[Collection[str]], list[PastAward]]] = []


def provide(teller: Callable[[Collection[str]], list[PastAward]]) -> None:
    """`teller` gives the awards of these credit codes."""
    if teller not in _tellers:
        _tellers.append(teller)


def given_to(codes: Collection[str]) -> list[PastAward]:
    return [award for teller in _tellers for award in teller(codes)]
