#!/usr/bin/env bash
# Speed of the web pages beside a floor application in the same run. Arguments: bash bench/run.sh --help
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python -m bench.web.measure "$@"
