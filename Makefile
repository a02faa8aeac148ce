# What a person types here. `make` alone lists it.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# The Python that builds .venv; everything else runs in .venv.
PYTHON ?= python3
export PYTHON

RUN := .venv/bin/python

# A suite starts the portal some hundred times: each start would compile it again.
unexport PYTHONDONTWRITEBYTECODE

# Continuous integration forgives no skipped test.
ifeq ($(CI),true)
export PORTAL_NO_SKIPS = 1
endif

# What touches the database or the store, and so runs on PostgreSQL and S3 as well.
ON_SERVERS := tests/functional tests/cases tests/local tests/rooms/audit tests/migrations
ON_SERVERS += tests/architecture/test_insert_only.py tests/rooms/vault/test_store_contract.py
# These ask the rules, or open no database, or only look at headers and at who is let in; or they are about files and pages, and read and write
# nothing that others do not read and write there (versions, way_back, embargo, sessions, lifting, consultation, exchange, uploads).
NOT_ON_SERVERS := absence answers_changed bad_input certified_logout certified_provider certified_step_up compare_marks doctor_judges
NOT_ON_SERVERS += explain loose_file newer permits policy_commands proxies ranges request_places step_up terms told_of what_if_page who
NOT_ON_SERVERS += languages marking named_version narrowing office passages places placing repeats taking
ON_SERVERS += --ignore=tests/local/test_comparison.py --ignore=tests/functional/test_at_the_door.py $(patsubst %,--ignore=tests/cases/test_%.py,$(NOT_ON_SERVERS))

.PHONY: help demo tour serve servers test prove matrix soak mutants mutants-of-lists bench memory check lint format types storeys security env lock clean .run .dev .driven

help:
	@echo 'make demo [PORT=n]   one exchange, performed and printed; then the portal on this machine, to try'
	@echo 'make tour [KEEP=dir] the same exchange in a temporary directory, or in dir, which stays; serves nothing'
	@echo 'make serve           the portal with the configuration that PORTAL_CONFIG names'
	@echo 'make servers         PostgreSQL and an S3 server, to try demo and tour on: PORTAL_CONFIG names them'
	@echo 'make test            every test, on SQLite and files, then on PostgreSQL and S3; more options in PYTEST_FLAGS'
	@echo 'make prove           proves what the rules promise, for every action, and writes policies/proofs.json; see docs/policy.md'
	@echo 'make matrix          writes who may do what into README.md and docs/access-matrix.md'
	@echo 'make bench [ONLY=x]  figures, as ratios in one run on this machine; see docs/benchmarks.md'
	@echo 'make soak            what takes long: 2 GiB through two kills, a kill at every system call; needs strace and root'
	@echo 'make mutants [ONLY=x] mutation testing of the vault, or of a file of it; takes half an hour'
	@echo 'make mutants-of-lists [ONLY=n] mutants of the list compiler; takes ten minutes'
	@echo 'make memory          how much memory an upload of 1 GiB takes'
	@echo 'make check           lint, format, types, storeys, security'
	@echo 'make env             the environment .venv, with the tools for test and check'
	@echo 'make lock            new locks from pyproject.toml; UPGRADE=1 takes newer versions'
	@echo 'make clean           remove .venv, build/ and caches'

demo: .run
	@umask 077; exec $(RUN) -m tools.tour demo $${PORT:+--port "$$PORT"}

tour: .run
	@umask 077; exec $(RUN) -m tools.tour tour $${KEEP:+--keep "$$KEEP"}

bench: .dev
	@exec $(RUN) -m tools.bench $(ONLY) $(if $(WRITE),--write)

prove: .dev
	@exec $(RUN) -m tools.prove $(PROVE_FLAGS)

matrix: .dev
	@exec $(RUN) -m tools.matrix

soak: .dev .driven
	@exec $(RUN) -m pytest -s -rfE --timeout 3600 $(PYTEST_FLAGS) tests/soak/*.py

mutants: .dev .driven
	@sh tools/mutants.sh

mutants-of-lists: .dev
	@exec $(RUN) -m tools.mutants_of_lists

memory: .dev
	@exec $(RUN) -m tools.bench.memory

servers: .dev
	@exec $(RUN) -m tools.servers

serve: .run
	@umask 077; exec $(RUN) -m portal serve

test: .dev .driven
	@export PORTAL_TEST_DATABASE=sqlite PORTAL_TEST_STORE=filesystem; exec $(RUN) -m pytest -n auto --dist worksteal -rfEs -p tests.no_skips $(PYTEST_FLAGS)
	@echo 'The same on PostgreSQL and S3, as far as it touches either:'
	@export PORTAL_TEST_DATABASE=postgresql PORTAL_TEST_STORE=s3; exec $(RUN) -m pytest -n auto --dist worksteal -rfEs -p tests.no_skips $(PYTEST_FLAGS) $(ON_SERVERS)

check: lint format types storeys security
	@echo 'check: all five hold'

lint: .dev
	@echo 'check: ruff check'; exec $(RUN) -m ruff check

format: .dev
	@echo 'check: ruff format'; exec $(RUN) -m ruff format --check

types: .dev
	@echo 'check: mypy'; exec $(RUN) -m mypy

storeys: .dev
	@echo 'check: import-linter'; exec .venv/bin/lint-imports --no-logo

security: .dev
	@echo 'check: bandit'; exec $(RUN) -m bandit -q -c pyproject.toml -r portal tools

env: .dev
	@echo '.venv is complete'

lock:
	@sh tools/newcomer.sh lock

clean:
	rm -rf .venv build tests/provider/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.run:
	@sh tools/newcomer.sh run

.dev:
	@sh tools/newcomer.sh dev

.driven:
	@sh tools/newcomer.sh driven
