# Two commands do everything on a fresh Debian machine with Python 3.11: `make run` and `make test`.
SHELL := /bin/bash
PYTHON := .venv/bin/python
PORT ?= 8000

.PHONY: run test venv dev lint bench demo check screenshots

run: venv
	@PORT=$(PORT) $(PYTHON) -m tools.serve

venv:
	@bash tools/venv.sh requirements.txt

dev:
	@bash tools/venv.sh requirements-dev.txt

test: dev
	@bash tools/test.sh

lint: dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache

bench: dev
	@bash bench/run.sh

demo: venv
	LEITAI_DEMO=1 .venv/bin/flask --app wsgi demo play

check: venv
	.venv/bin/flask --app wsgi check

screenshots: dev
	$(PYTHON) -m tools.screenshots
