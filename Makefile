# The doors of the course. Each sets up what it needs at the first call, and is instant afterwards.
#   make lab      open the lessons in JupyterLab
#   make test     run every lesson and every test, as continuous integration does; OPTIONS="-k data" passes on to pytest
#   make check    what can be said in half a minute, with no cell run: ruff, types, what every stored lesson keeps to
#   make quick    the tests of what has changed since the last commit
#   make author   run lessons and store them with their outputs; OPTIONS=notebooks/01_parameters.ipynb for one of them
#   make site     write the course as a web site to build/site, to be opened without a network
#   make slides   write every lesson as a slide show to build/slides, in the same way
#   make thorough what is slow and seldom fails: mutants, every architecture, a hub with its users, an installation
#   make versions run the tests in every Python of this machine with the newest releases, and with the oldest allowed;
#                 OPTIONS="--session oldest" for one of them
#   make margins  run every lesson with eight seeds, and show how far each claim is from failing: about twenty minutes
#   make bench    measure how fast the course is on this machine, beside bare PyTorch: about ten minutes
#   make lock     choose anew which releases are installed, within the ranges of pyproject.toml and web/package.json

PYTHON ?= python3
BIN := .venv/bin
OPTIONS ?=
TESTS := $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder
NPM := npm --prefix web --no-audit --no-fund --ignore-scripts --loglevel=error
# Which libraries of CUDA a build of PyTorch brings is the build's affair: they differ from one to the next.
OF_CUDA := ^(nvidia|cuda|triton)

.PHONY: lab test check quick author site slides thorough versions margins bench lock
.DELETE_ON_ERROR:

lab: .venv/lab
	@$(BIN)/python coursetools/lab.py

test: .venv/all web/node_modules
	$(TESTS) $(OPTIONS)

check: .venv/all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m coursetools.authoring --check

quick: .venv/all
	$(BIN)/python -m coursetools.authoring.changes $(OPTIONS)

author: .venv/all
	$(BIN)/ruff check --quiet --fix $(or $(filter-out --%,$(OPTIONS)),notebooks)
	$(BIN)/ruff format --quiet $(or $(filter-out --%,$(OPTIONS)),notebooks)
	$(BIN)/python -m coursetools.authoring $(OPTIONS)

site: .venv/all web/node_modules
	$(BIN)/python -m coursetools.pages site build/site

slides: .venv/all web/node_modules
	$(BIN)/python -m coursetools.pages slides build/slides

thorough: .venv/all build/class/all web/node_modules
	THOROUGH=1 $(TESTS) tests/thorough tests/browser tests/test_answers.py tests/test_filters.py tests/test_color.py \
		tests/test_pooling.py tests/test_parameters.py $(OPTIONS)
	PATH="$(CURDIR)/web/node_modules/.bin:$$PATH" build/class/bin/python -m pytest tests/class

versions: .venv/all web/node_modules
	$(BIN)/nox $(OPTIONS)

margins: .venv/all
	$(BIN)/python tests/benchmarks/margins.py $(OPTIONS)

bench: .venv/all
	TQDM_DISABLE=1 $(BIN)/python tests/benchmarks/speed.py

lock: .venv/lab
	mkdir -p build
	$(BIN)/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --extra lab --extra site --extra test \
		--no-emit-index-url --no-annotate --no-header --quiet | grep --extended-regexp --invert-match "$(OF_CUDA)" > build/constraints.txt
	mv build/constraints.txt constraints.txt
	$(NPM) update --omit-lockfile-registry-resolved

.venv/all: .venv/lab
.venv/lab: EXTRAS := lab
.venv/all: EXTRAS := lab,site,test
build/class/all: EXTRAS := lab,test,class

.venv/lab .venv/all build/class/all: pyproject.toml constraints.txt coursetools/pages/jupyterlab.json coursetools/install.py
	$(PYTHON) coursetools/install.py $(@D) --extras=$(EXTRAS)
	touch $@

web/node_modules: web/package-lock.json
	$(NPM) ci
	touch $@
