"""Commands: `judging rank`, `judging assign` on files, `judging recompute` on the database."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from core.db import db, reading
from judging.cli_assign import assign_command
from judging.cli_rank import rank_command
from judging.models import Ranking
from judging.operations.rankings import recompute

group = AppGroup("judging", help="Panels, scores and rankings.")


@group.command("recompute")
@click.argument("ranking_id", type=int)
@with_appcontext
def recompute_command(ranking_id: int) -> None:
    """Rebuild a frozen ranking from its sheets; exit status 1 when anything differs, naming it."""
    with reading():
        ranking = db.session.get(Ranking, ranking_id)
        if ranking is None:
            raise click.ClickException(f"没有编号为 {ranking_id} 的排名。")
        differences = recompute(ranking)
    for line in differences:
        click.echo(line)
    click.echo(
        f"{ranking.name}：{'与评分表一致' if not differences else f'{len(differences)} 处不一致'}"
        f"（{ranking.content_hash[:16]}）"
    )
    sys.exit(1 if differences else 0)


def init_app(app: Flask) -> None:
    group.add_command(assign_command)
    group.add_command(rank_command)
    app.cli.add_command(group)
