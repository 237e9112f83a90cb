"""Commands: `judging rank`, `judging assign` on files, `judging recompute` on the database."""

import hashlib
import json
import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from core.clock import utcnow
from core.db import commit, db, reading
from core.errors import Conflict
from core.rules import SYSTEM
from judging.cli_assign import assign_command
from judging.cli_rank import rank_command
from judging.diagnosis.analysis import analyse
from judging.diagnosis.gather import contest_of
from judging.models import Ranking
from judging.operations.rankings import export_evidence, recompute

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


@group.command("evidence")
@click.argument("ranking_id", type=int)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="PACK.zip, not there yet"
)
@with_appcontext
def evidence_command(ranking_id: int, out: Path) -> None:
    """Write the evidence pack of a frozen ranking: one zip that recomputes with Python's standard library."""
    ranking = db.session.get(Ranking, ranking_id)
    if ranking is None:
        raise click.ClickException(f"没有编号为 {ranking_id} 的排名。")
    content = export_evidence(ranking, actor=SYSTEM, now=utcnow())
    try:
        with out.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise click.ClickException(f"不能写入 {out}：{error.strerror}。") from error
    commit()
    click.echo(f"{ranking.name}：{out}，SHA-256 {hashlib.sha256(content).hexdigest()}")


@group.command("analyse")
@click.argument("ranking_id", type=int)
@click.option("--places", type=click.IntRange(1), required=True, help="Places above the cut.")
@click.option("--draws", type=click.IntRange(1, 100_000), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@with_appcontext
def analyse_command(ranking_id: int, places: int, draws: int, seed: int) -> None:
    """Diagnose a frozen ranking as JSON: calibrated scores, certainty at the cut, judges, flags. Changes nothing."""
    with reading():
        ranking = db.session.get(Ranking, ranking_id)
        if ranking is None:
            raise click.ClickException(f"没有编号为 {ranking_id} 的排名。")
        try:
            contest = contest_of(ranking)
        except Conflict as error:
            raise click.ClickException(error.sentence) from error
        found = analyse(contest, places=places, draws=draws, seed=seed)
    click.echo(json.dumps(found | {"inputs": ranking.inputs_hash}, ensure_ascii=False, indent=1))


def init_app(app: Flask) -> None:
    group.add_command(assign_command)
    group.add_command(rank_command)
    app.cli.add_command(group)
