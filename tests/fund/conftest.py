from tests.awards.pages import as_user, prepared

__all__ = ["as_user", "prepared"]
