"""Commands of the fund; both work on files."""

from flask.cli import AppGroup

from fund.cli_files import evaluate_command, reconcile_command

fund_group = AppGroup("fund", help="专项资金：核对与自评（读文件，不动数据库）。")
fund_group.add_command(reconcile_command)
fund_group.add_command(evaluate_command)
