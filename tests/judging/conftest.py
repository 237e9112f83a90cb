from tests.awards.pages import as_user, prepared, visitor

__all__ = ["as_user", "prepared", "visitor"]
