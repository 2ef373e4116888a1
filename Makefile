# The two doors of the course. Both set up .venv at the first call, and are instant afterwards.
#   make lab     open the lessons in JupyterLab
#   make test    run every test and compare every output of every lesson; OPTIONS="-k data" passes on to pytest

PYTHON ?= python3
BIN := .venv/bin
OPTIONS ?=

# Threads wait without spinning: where two runs share two cores, each is then several times faster.
export OMP_WAIT_POLICY := passive

.PHONY: lab test
.DELETE_ON_ERROR:

lab: .venv/ready
	$(BIN)/jupyter lab --notebook-dir=notebooks

test: .venv/ready
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile $(OPTIONS)

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[lab,test]'
	touch $@
