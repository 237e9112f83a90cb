"""`flask judging assign`: the assignment on files, with its proof printed."""

import sys
import time
from pathlib import Path

import click

from core.errors import InvalidInput
from judging.assignment.check import violations
from judging.assignment.connection import connection
from judging.assignment.problem import Problem, pool_hash
from judging.assignment.repair import Infeasible
from judging.assignment.solve import Assignment, assign
from judging.assignment.words import (
    connection_sentences,
    percent,
    repair_sentences,
    role_label,
    violation_sentence,
)
from judging.assignment_files import read_problem, split_values, write_seats

NO_ANSWER = 2
_LOAD = click.IntRange(0, 1_000_000)
_FILE = click.Path(path_type=Path)


@click.command("assign")
@click.option("--entries", type=_FILE, required=True, help="CSV: entry,topic[,region,employer]")
@click.option(
    "--judges", type=_FILE, required=True, help="CSV: judge,roles,topics[,capacity,region,employer]"
)
@click.option("--conflicts", type=_FILE, help="CSV: entry,judge; may hold its header only.")
@click.option("--panel-size", type=int, required=True, help="Judges per entry.")
@click.option("--min-load", type=_LOAD, default=0, show_default=True, help="Entries per judge.")
@click.option("--max-load", type=_LOAD, required=True, help="Replaced by a judge's capacity.")
@click.option("--roles", default="", help="Roles every panel must hold, by different judges: a,b,c")
@click.option("--seed", required=True, help="Published before the draw; any text.")
@click.option("--out", type=_FILE, required=True, help="CSV: entry,judge[,role]")
def assign_command(entries, judges, conflicts, panel_size, min_load, max_load, roles, seed, out) -> None:
    """Assign judges to entries given as CSV files.

    Hard: panel size, loads, required roles, listed conflicts, the same employer. The same region is no conflict
    unless listed. Maximised: pairs whose judge lists the entry's topic; the seed draws among equals. Several
    values in one cell are parted by semicolons. Capacity 0: not available. Exit status 2: no answer exists
    (the smallest repair is printed) or a file is faulty.
    """
    try:
        problem = read_problem(
            entries,
            judges,
            conflicts,
            panel_size=panel_size,
            min_load=min_load,
            max_load=max_load,
            roles=split_values(roles.replace(",", ";").replace("，", ";")),
            seed=seed,
        )
        _draw(problem, out)
    except InvalidInput as error:
        click.echo(f"错误：{error.sentence}", err=True)
        sys.exit(NO_ANSWER)


def _draw(problem: Problem, out: Path) -> None:
    click.echo(f"种子 seed={problem.seed} 名单指纹 pool_hash={pool_hash(problem)}")
    start = time.perf_counter()
    answer = assign(problem)
    seconds = time.perf_counter() - start
    if isinstance(answer, Infeasible):
        for line in repair_sentences(answer):
            click.echo(line, err=True)
        sys.exit(NO_ANSWER)
    broken = violations(problem, answer.seats)
    if broken:
        raise InvalidInput(f"编排结果未通过硬性规则复核，未写出：{violation_sentence(broken[0])}")
    write_seats(out, answer.seats, with_roles=bool(problem.roles))
    for line in summary(answer, seconds):
        click.echo(line)


def summary(answer: Assignment, seconds: float) -> list[str]:
    """What the command prints of an answer."""
    problem = answer.problem
    loads = sorted(answer.loads.values())
    lines = [
        f"项目 entries={len(problem.entries)} 评委 judges={len(problem.judges)} 席位 seats={len(answer.seats)}",
        f"匹配对数 objective={answer.objective} 上界 bound={answer.bound} 差距 gap={percent(answer.gap)}",
        f"评审量 loads min={loads[0]} median={loads[len(loads) // 2]} max={loads[-1]}",
    ]
    if problem.roles:
        required = "、".join(map(role_label, problem.roles))
        lines.append(f"未覆盖角色 uncovered={_uncovered(answer)}（每个项目须有：{required}）")
    lines += connection_sentences(connection(problem, answer.seats))
    lines.append(f"用时 seconds={seconds:.2f}")
    return lines


def _uncovered(answer: Assignment) -> int:
    """Pairs of entry and required role nobody fills, counted on the seats themselves."""
    filled = {(seat.entry, seat.role) for seat in answer.seats}
    problem = answer.problem
    return sum((e.key, role) not in filled for e in problem.entries for role in problem.required(e))
