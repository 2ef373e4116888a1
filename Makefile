# The doors of the course. All set up .venv at the first call, and are instant afterwards.
#   make lab      open the lessons in JupyterLab
#   make check    what can be said in seconds, with no cell run: ruff, and what every stored notebook keeps to
#   make author   run lessons and store them with their outputs; OPTIONS=notebooks/01_parameters.ipynb for one of them
#   make test     run every test and compare every output of every lesson; OPTIONS="-k data" passes on to pytest
#   make bench    measure how fast the course is on this machine, beside PyTorch and the textbook: about ten minutes
#   make margins  run every lesson with eight seeds, and show how far each claim is from failing: about twenty minutes
#   make site     write the course as a web site to build/site, to be opened without a network; needs npm once
#   make slides   write every lesson as a slide show to build/slides, in the same way
#   make versions run the tests in every Python of this machine with the newest releases, and with the oldest allowed;
#                 OPTIONS="--session oldest" for one of them
#   make class    prove that marks and a hub for a class work, with nbgrader and JupyterHub; needs npm once

PYTHON ?= python3
BIN := .venv/bin
OPTIONS ?=
IN_TWO_PROCESSES := --numprocesses=2 --dist=loadfile
# What makes and runs pages without a network, and a hub; what looks over the JavaScript and the pages in the tests.
NODE_PACKAGES := reveal.js@5.2.1 mathjax@3.2.2 esbuild@0.28.2 configurable-http-proxy@5.3.0 \
	typescript@5.9.3 prettier@3.6.2 axe-core@4.11.0 html-validate@10.17.0

.PHONY: lab check author test site slides bench margins versions class
.DELETE_ON_ERROR:

lab: .venv/ready
	@echo "JupyterLab opens in your browser, at the address that it prints below. Ctrl+C, twice, ends it."
	$(BIN)/jupyter lab --notebook-dir=notebooks

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m coursetools.notebooks --check

author: .venv/ready
	$(BIN)/ruff check --quiet --fix $(or $(OPTIONS),notebooks)
	$(BIN)/ruff format --quiet $(or $(OPTIONS),notebooks)
	$(BIN)/python -m coursetools.notebooks $(OPTIONS)
	$(BIN)/python -m coursetools.texts

test: .venv/ready
	$(BIN)/python -m pytest $(IN_TWO_PROCESSES) --no-loadscope-reorder $(OPTIONS)

site: .venv/ready build/node_modules
	$(BIN)/python -m coursetools.site build/site

slides: .venv/ready build/node_modules
	$(BIN)/jupyter nbconvert --config coursetools/slides/nbconvert.py
	$(BIN)/python -m coursetools.offline build/slides

build/node_modules: Makefile
	npm install --prefix build --no-save --no-audit --no-fund --ignore-scripts $(NODE_PACKAGES)
	touch $@

bench: .venv/ready
	TQDM_DISABLE=1 $(BIN)/python tests/benchmarks/speed.py

margins: .venv/ready
	$(BIN)/python tests/benchmarks/margins.py $(OPTIONS)

versions: .venv/ready
	$(BIN)/nox $(OPTIONS)

class: build/class/ready build/node_modules
	PATH="$(CURDIR)/build/node_modules/.bin:$$PATH" build/class/bin/python -m pytest tests/class $(OPTIONS)

.venv/ready: EXTRAS := lab,site,test
build/class/ready: EXTRAS := lab,test,class

%/ready: pyproject.toml coursetools/slides/live.json coursetools/install.py
	$(PYTHON) coursetools/install.py $* --extras=$(EXTRAS)
	touch $@
