"""`flask judging rank`: a ranking from a file of scores, official or diagnostic."""

import sys
from pathlib import Path

import click

from core.errors import InvalidInput
from judging.csv_files import write_table
from judging.ranking_files.methods import Method, Result, order_contrast, rank_table, suspicion_rows
from judging.ranking_files.tables import ScoreTable, read_scores

FAULTY_FILE = 2
_FILE = click.Path(path_type=Path)


@click.command("rank")
@click.option("--scores", type=_FILE, required=True, help="CSV: entry,judge,score[,criterion][,room][,order]")
@click.option("--method", type=click.Choice([m.value for m in Method]), required=True)
@click.option("--rooms", type=click.Choice(["drawn", "unknown"]), default="unknown", show_default=True)
@click.option(
    "--places", type=click.IntRange(1), help="Awards to be given; a tenth of the entries if not said."
)
@click.option("--draws", type=click.IntRange(1, 100_000), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=_FILE, required=True, help="CSV: entry,score,rank[,p_award,rank_lo,rank_hi]")
@click.option("--anomalies", type=_FILE, help="CSV: entry,judge,suspicion,kind")
def rank_command(scores, method, rooms, places, draws, seed, out, anomalies) -> None:
    """Rank the entries of a score file.

    mean and trimmed are exact; room needs --rooms drawn (entries allocated to rooms by draw); zscore, calibrated
    and adjusted are diagnostics beside the official score. Names beginning with ANCHOR are calibration entries:
    every judge scores them, they are not ranked. Exit status 2: a file is faulty or the method may not be used.
    """
    try:
        _check_distinct(scores, out, anomalies)
        table = read_scores(scores)
        result = rank_table(
            table,
            Method(method),
            drawn=rooms == "drawn",
            places=places,
            draws=draws,
            seed=seed,
            calibrate=anomalies is not None,
        )
        _write_ranking(out, Method(method), result)
        if anomalies is not None:
            rows = suspicion_rows(result.calibration) if result.calibration.calibratable else []
            write_table(anomalies, ("entry", "judge", "suspicion", "kind"), rows)
    except InvalidInput as error:
        click.echo(f"错误：{error.sentence}", err=True)
        sys.exit(FAULTY_FILE)
    for line in _warnings(result):
        click.echo(f"注意：{line}", err=True)
    for line in summary(table, result):
        click.echo(line)


def _check_distinct(*files: Path | None) -> None:
    named = [file.resolve() for file in files if file is not None]
    if len(set(named)) < len(named):
        raise InvalidInput("评分文件、结果文件和异常清单必须是不同的文件，以免互相覆盖。")


def _write_ranking(out: Path, method: Method, result: Result) -> None:
    if method is not Method.CALIBRATED:
        rows = [(line.entry, line.score, line.rank) for line in result.lines]
        write_table(out, ("entry", "score", "rank"), rows)
        return
    rows = [
        (
            line.entry,
            line.score,
            line.rank,
            "" if line.p_award is None else f"{line.p_award:.6f}",
            "" if line.rank_lo is None else line.rank_lo,
            "" if line.rank_hi is None else line.rank_hi,
        )
        for line in result.lines
    ]
    write_table(out, ("entry", "score", "rank", "p_award", "rank_lo", "rank_hi"), rows)


def _warnings(result: Result) -> list[str]:
    fitted = result.calibration
    if fitted is None:
        return []
    if not fitted.calibratable:
        told = "每个待估的项目和评委平均不足 1.5 个评分，无法校准"
        return [f"{told}；{'已改按去掉最高最低分的官方规则排名' if result.fell_back else '异常清单为空'}。"]
    lines = []
    if not fitted.full:
        lines.append("评委的评分份数太少（中位数不足 5 份），只校正了评委的宽严。")
    groups = int(fitted.sheets.component.max()) + 1
    if groups > 1:
        lines.append(
            f"评委与项目分成 {groups} 个互不相连的组，组间差别无法由评分区分宽严与水平；建议设校准项目。"
        )
    return lines


def summary(table: ScoreTable, result: Result) -> list[str]:
    """What the command prints of a result."""
    judges = len(set(table.judges))
    lines = [f"项目 entries={len(result.lines)} 评委 judges={judges} 评分表 sheets={len(table.totals)}"]
    sure, fitted = result.certainty, result.calibration
    if sure is not None:
        lines.append(
            f"名额 places={sure.places} 灰区 grey={sure.grey} "
            f"预期准确率 expected_precision={sure.expected_precision:.3f} 种子 seed={sure.seed}"
        )
    if fitted is not None and fitted.calibratable:
        order = order_contrast(fitted, table)
        if order is not None:
            lines.append(f"出场顺序 order_effect={order.effect:.2f} t={order.t:.1f}（首位到末位，分）")
    return lines
