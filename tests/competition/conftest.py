"""Pages of the competition are asked as the accounts the factories made."""

from tests.awards.pages import as_user, prepared, visitor

__all__ = ["as_user", "prepared", "visitor"]
