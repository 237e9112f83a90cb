"""Settings: nothing guessed in production, nothing wrong accepted anywhere."""

import pytest

from core.app import create_app, refuse_foreign_database
from core.settings import BadSetting, from_environment


def environment(tmp_path, **changes):
    return {"LEITAI_DATA_DIR": str(tmp_path), **changes}


def test_production_without_keys_refuses_to_start(tmp_path):
    with pytest.raises(BadSetting, match="LEITAI_SECRET_KEY"):
        from_environment(environment(tmp_path, LEITAI_ENV="production"))


def test_short_production_key_is_refused(tmp_path):
    with pytest.raises(BadSetting, match="32"):
        from_environment(environment(tmp_path, LEITAI_ENV="production", LEITAI_SECRET_KEY="short"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEITAI_ENV", "staging"),
        ("LEITAI_DATABASE_URL", "mysql://x"),
        ("LEITAI_DEMO", "maybe"),
        ("LEITAI_MAX_UPLOAD_MB", "0"),
        ("LEITAI_MAX_UPLOAD_MB", "１０"),
        ("LEITAI_TOTP_ROLES", "king"),
        ("LEITAI_PASSWORD_PROFILE", "weak"),
    ],
)
def test_wrong_values_are_refused_with_a_sentence(tmp_path, name, value):
    with pytest.raises(BadSetting):
        from_environment(environment(tmp_path, **{name: value}))


def test_development_keys_are_kept_outside_the_database(tmp_path):
    first = from_environment(environment(tmp_path))
    assert from_environment(environment(tmp_path)).seal_key == first.seal_key
    assert (tmp_path / "keys" / "leitai_seal_key").stat().st_mode & 0o077 == 0


def test_demo_refuses_a_database_that_is_not_the_demos(empty_app, database_url, tmp_path):
    settings = from_environment(
        environment(tmp_path, LEITAI_ENV="test", LEITAI_DATABASE_URL=database_url, LEITAI_DEMO="1")
    )
    with pytest.raises(BadSetting, match="演示"):
        refuse_foreign_database(settings)
    with pytest.raises(BadSetting, match="演示"):
        create_app(settings)
