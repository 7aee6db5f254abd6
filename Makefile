# `make`만 치면 할 수 있는 일을 보여 줍니다. Windows에서 칠 명령은 README에 있습니다.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PORT ?= 8000
PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
CACHE := $(CURDIR)/.cache

# 도구들이 홈 폴더가 아니라 이 폴더 안에만 쓰게 합니다.
export TMPDIR := $(CACHE)/tmp
export PIP_CACHE_DIR := $(CACHE)/pip
export XDG_CACHE_HOME := $(CACHE)
export XDG_CONFIG_HOME := $(CACHE)/config
export XDG_DATA_HOME := $(CACHE)/data
export MPLCONFIGDIR := $(CACHE)/matplotlib
export IPYTHONDIR := $(CACHE)/ipython
export JUPYTER_CONFIG_DIR := $(CACHE)/jupyter
export JUPYTER_DATA_DIR := $(CACHE)/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CACHE)/jupyter/runtime
export PYDEVD_DISABLE_FILE_VALIDATION := 1

.PHONY: help book html test check lab labs bench lock clean

help:  ## 이 목록을 보여 줍니다
	@echo "쓸 수 있는 명령:"; \
	grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

.cache/ready: requirements.txt pyproject.toml
	@mkdir -p $(TMPDIR)
	@echo "[1/2] 가상 환경 .venv 만들기"; $(PYTHON) -m venv .venv
	@echo "[2/2] 잠근 의존성 설치 (처음에는 몇 분 걸립니다)"; $(BIN)/pip install --progress-bar on -r requirements.txt
	@touch $@

html: .cache/ready  ## 책을 _build/html에 짓습니다
	@$(BIN)/jupyter-book build . -W -n --keep-going

book: html  ## 책을 짓고 http://127.0.0.1:8000 에서 보여 줍니다 (PORT=다른 번호)
	@$(BIN)/python publish/serve.py --port $(PORT) _build/html

test: html  ## 모든 검사를 돌립니다
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/pytest -n $(WORKERS)

check: .cache/ready  ## 빠른 검사만 돌립니다 (문법, 용어, 단위 시험)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/pytest -n $(WORKERS) --ignore tests/labs --ignore tests/site

lab: .cache/ready  ## 실습을 JupyterLab에서 엽니다
	@$(BIN)/jupyter lab labs

labs: .cache/ready  ## 실습을 처음부터 다시 실행해 출력과 본문의 수를 갱신합니다
	@$(BIN)/python publish/execute.py labs/*.ipynb

bench: .cache/ready  ## 속도를 잽니다
	@$(BIN)/python -m benchmarks

lock: .cache/ready  ## requirements.txt를 다시 잠급니다
	@$(BIN)/pip install -q uv && $(BIN)/uv pip compile --universal --python-version 3.11 --no-header --no-emit-index-url requirements.in -o requirements.txt

clean:  ## 만든 것을 모두 지웁니다
	rm -rf _build .cache .venv
