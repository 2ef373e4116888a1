# The doors of the course. All set up .venv at the first call, and are instant afterwards.
#   make lab      open the lessons in JupyterLab
#   make test     run every test and compare every output of every lesson; OPTIONS="-k data" passes on to pytest
#   make bench    measure how fast the course is on this machine, beside PyTorch and the textbook: about ten minutes
#   make margins  run every lesson with eight seeds, and show how far each claim is from failing: about twenty minutes
#   make slides   write every lesson as a slide show to build/slides, to be opened without a network; needs npm once

PYTHON ?= python3
BIN := .venv/bin
OPTIONS ?=

.PHONY: lab test slides bench margins
.DELETE_ON_ERROR:

lab: .venv/ready
	$(BIN)/jupyter lab --notebook-dir=notebooks

test: .venv/ready
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder $(OPTIONS)

slides: .venv/ready build/slides/node_modules
	$(BIN)/jupyter nbconvert --config slides/nbconvert.py

build/slides/node_modules:
	npm install --prefix build/slides --no-save --no-audit --no-fund --ignore-scripts reveal.js@5.2.1 mathjax@3.2.2

bench: .venv/ready
	TQDM_DISABLE=1 $(BIN)/python tests/benchmarks/speed.py

margins: .venv/ready
	$(BIN)/python tests/benchmarks/margins.py $(OPTIONS)

# Compiled here, once, the libraries are imported in half the time, also where Python may not write its byte code.
.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable '.[lab,test]'
	touch $@
