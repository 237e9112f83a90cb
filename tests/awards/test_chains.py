"""Approval chains as lists of steps: what may be set, whose turn it is."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awards import chains


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        (("reviewer", "finance", "leader"), ""),
        (("finance", "leader"), ""),
        (("reviewer", "division", "finance", "leader"), ""),
        (("reviewer", "division"), "inside"),
        (("leader",), "too_few"),
        ((), "too_few"),
        (("finance", "reviewer"), "order"),
        (("finance", "finance"), "order"),
        (("reviewer", "cashier"), "unknown"),
    ],
)
def test_what_may_be_set(steps, fault):
    assert chains.fault(steps) == fault


def test_default_may_be_set():
    assert chains.fault(chains.DEFAULT) == ""


@given(st.sets(st.sampled_from(chains.ORDER)))
def test_chain_that_may_be_set_ends_outside_the_office_and_is_signed_in_one_order(steps):
    chain = chains.in_order(steps)
    if chains.fault(chain):
        return
    assert chain[-1] in chains.OUTSIDE
    orders = [order for order in permutations(chain) if _signs(chain, order)]
    assert orders == [tuple(chain)]


def _signs(chain, order) -> bool:
    signed = []
    for step in order:
        if chains.next_step(chain, signed) != step:
            return False
        signed.append(step)
    return chains.next_step(chain, signed) is None
