"""The demo's commands. The demo stands on all floors; no floor knows it."""

from flask import Flask

from demo.cli import demo_cli


def init_app(app: Flask) -> None:
    app.cli.add_command(demo_cli)
