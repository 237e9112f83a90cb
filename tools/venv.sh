#!/usr/bin/env bash
# Make .venv with the packages of the given requirements file; do nothing when it already has them.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=$1
stamp=.venv/.installed-$(basename "$wanted")
digest=$(cat requirements*.txt | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$digest" ]; then exit 0; fi

python=$(command -v python3.11 || true)
if [ -z "$python" ]; then
  echo "需要 Python 3.11（Debian 12：apt-get install python3.11 python3.11-venv）。" >&2
  exit 1
fi
if [ ! -x .venv/bin/python ]; then
  echo "→ 创建虚拟环境 .venv"
  # Debian's python3.11 comes without ensurepip: install it where we may, else say the one command.
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ]; then
      apt-get update -q && apt-get install -y -q --no-install-recommends python3.11-venv
    else
      echo "请先运行：sudo apt-get install python3.11-venv" >&2
      exit 1
    fi
  fi
  "$python" -m venv .venv
fi
echo "→ 安装依赖（首次约一分钟）：$wanted"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$wanted" 2> >(grep -v '^WARNING: Location' >&2)
echo "$digest" > "$stamp"
