#!/usr/bin/env bash
# All tests on both databases, browser included. What a test needs is installed or started here, or named loudly.
#   LEITAI_TEST_REQUIRE=1   (set by .ci/run) a missing service fails instead of skipping
set -uo pipefail
cd "$(dirname "$0")/.."
required=${LEITAI_TEST_REQUIRE:-0}
status=0

missing() {
  echo "!! $1" >&2
  if [ "$required" = 1 ]; then echo "!! 必需的服务缺失，测试失败。" >&2; exit 1; fi
}

if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "→ 安装 Chromium 与中文字体（浏览器测试用）"
    { apt-get update -q && apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk; } >/tmp/leitai-apt.log 2>&1
  fi
  command -v chromium >/dev/null || missing "没有 Chromium，浏览器测试跳过（Debian：apt-get install chromium fonts-noto-cjk）"
fi

server=${LEITAI_TEST_POSTGRES:-postgresql+psycopg://postgres@127.0.0.1:5432/postgres}
postgres() { .venv/bin/python -c "import psycopg,sys; psycopg.connect('$server'.replace('+psycopg',''), connect_timeout=2).close()" 2>/dev/null; }
if ! postgres; then
  version=$(ls /etc/postgresql 2>/dev/null | tail -1)
  [ -n "$version" ] && pg_ctlcluster --skip-systemctl-redirect "$version" main start 2>/dev/null && sleep 2
fi
redis() { .venv/bin/python -c "import redis; redis.Redis.from_url('${LEITAI_TEST_REDIS:-redis://127.0.0.1:6379/15}', socket_connect_timeout=1).ping()" 2>/dev/null; }
if ! redis && command -v redis-server >/dev/null; then
  redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" --appendonly no >/dev/null 2>&1; sleep 1
fi
redis || missing "没有 Redis（redis-server --daemonize yes），Redis 测试跳过"

.venv/bin/ruff check . || status=1
.venv/bin/ruff format --check -q . || { echo "ruff format 未通过" >&2; status=1; }
PYTHONPATH=. .venv/bin/lint-imports --no-cache || status=1

# Files go to the workers in the order of tests/conftest.py, whole, because a file shares its copy of the played edition.
workers=(-n 2 --dist loadfile --no-loadscope-reorder)
echo "→ 测试（SQLite）"
.venv/bin/python -m pytest "${workers[@]}" --database sqlite "$@" || status=1
if postgres; then
  echo "→ 测试（PostgreSQL）"
  .venv/bin/python -m pytest "${workers[@]}" --database postgresql "$@" || status=1
else
  missing "没有 PostgreSQL（$server），该数据库上的测试跳过；Debian：apt-get install postgresql，并设 LEITAI_TEST_POSTGRES"
fi
exit $status
