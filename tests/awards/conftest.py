import pytest

from tests.awards.pages import as_user, prepared, visitor

__all__ = ["as_user", "prepared", "visitor"]


@pytest.fixture(autouse=True)
def empty_shelf(empty_app):
    """Tests stand at one frozen moment, so two of them can write the same chain: no page may outlive its test."""
    empty_app.extensions.pop("published_pages", None)
