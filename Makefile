# What each target does stands in README.md. PYTHON names another interpreter for the first set-up.

PORT ?= 8000
DATA_DIR ?= .data
DEMO ?= 1
SCALE ?= small
JOBS ?= 2
export PORT DATA_DIR DEMO SCALE

PY := .venv/bin/python

.PHONY: run test test-long bench lint format types messages requirements packages packages-dev chromium

run: packages
	@exec $(PY) manage.py start

test: packages-dev chromium
	@$(PY) -m pytest -m "not long" --numprocesses $(JOBS) --dist worksteal

test-long: packages-dev chromium
	@EVERY_DRESS=1 $(PY) -m pytest -m "long or browser" --numprocesses $(JOBS) --dist worksteal

# make bench BENCH="memory intake_http" CHECK=1
bench: packages-dev
	@$(PY) -m bench $(if $(CHECK),--check) $(BENCH)

lint: packages-dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@.venv/bin/lint-imports --no-cache

format: packages-dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: packages-dev
	@$(PY) -m mypy

# Collect what is to be translated into every catalogue, and compile them. Needs gettext's tools.
messages: packages-dev
	@$(PY) manage.py makemessages --all --no-wrap --no-obsolete --add-location file -i .venv -i tests -i bench
	@$(PY) manage.py compilemessages -i .venv

# Pin and hash again what pyproject.toml asks for. Needs uv.
requirements:
	uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make requirements" --upgrade --output-file requirements/run.txt
	uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make requirements" --group dev --constraints requirements/run.txt \
		--output-file requirements/dev.txt

packages:
	@requirements/install.sh run

packages-dev:
	@requirements/install.sh dev

chromium: packages-dev
	@tests/install_chromium.sh
