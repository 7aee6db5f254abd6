# `make`만 치면 할 수 있는 일을 보여 줍니다. Windows에서 칠 명령은 README에 있습니다.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# 책은 8000번, JupyterLab은 8888번부터 빈 포트를 찾습니다. PORT를 정하면 둘 다 거기부터
ASKED := $(if $(filter command environment,$(firstword $(origin PORT))),--port "$(PORT)")
PORT ?= 8000
WORKERS ?= logical
# 채점은 WORKERS를 정하지 않으면 코어를 다 사용합니다
GRADERS = $(if $(filter command environment,$(firstword $(origin WORKERS))),--workers "$(WORKERS)")
# 죽은 것이 치워지기를 기다리는 일이 많아서, 코어보다 많이 띄워야 코어가 놀지 않습니다
PROVERS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() * 3 // 2)')
ONLY ?=
SUBMISSIONS ?=
ROSTER ?=
LMS ?=
SCHEDULER ?=
UNSAFE ?=
FORCE ?=
BROKERS ?= 1
NEW := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(NEW)' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
CACHE := $(CURDIR)/.cache

# 도구들이 홈 폴더가 아니라 이 폴더 안에만 쓰게 합니다. XDG_CONFIG_HOME은 그대로 둡니다: pip이 거기서
# 회사나 학교의 설정(미러, 프록시)을 읽습니다. 크로미움은 pdf.browser_home이 주는 홈 폴더에 씁니다.
export TMPDIR := $(CACHE)/tmp
export PIP_CACHE_DIR := $(CACHE)/pip
export UV_CACHE_DIR := $(CACHE)/uv
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONPYCACHEPREFIX := $(CACHE)/pycache
# 컴파일한 것을 남기지 않으면 커널을 띄울 때마다 표준 라이브러리까지 다시 컴파일합니다
unexport PYTHONDONTWRITEBYTECODE
export XDG_CACHE_HOME := $(CACHE)
export XDG_DATA_HOME := $(CACHE)/data
export MPLCONFIGDIR := $(CACHE)/matplotlib
export IPYTHONDIR := $(CACHE)/ipython
export JUPYTER_CONFIG_DIR := $(CACHE)/jupyter
export JUPYTER_DATA_DIR := $(CACHE)/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CACHE)/jupyter/runtime
export JUPYTERLAB_SETTINGS_DIR := $(CACHE)/jupyter/lab/settings
export JUPYTERLAB_WORKSPACES_DIR := $(CACHE)/jupyter/lab/workspaces
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export PYTHONUTF8 := 1

.PHONY: help book html lite dist test proof check lab labs opensearch kafka kafka-clean release grade feedback formgrader bench lock clean tmp ready python doctor

help:  ## 이 목록을 보여 줍니다
	@echo "사용할 수 있는 명령:"; \
	grep -E '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | \
	sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

# 준비하며 하는 말은 모두 표준 오류로: 표준 출력은 명령의 답(make opensearch의 한 줄)입니다
tmp:
	@why=$$({ mkdir -p "$$TMPDIR" && echo 1 > "$$TMPDIR/.probe"; } 2>&1) || { exec >&2; \
	echo "이 폴더에 쓸 수 없습니다: $$PWD"; echo "$${why##*: }"; \
	echo "공간을 비우거나, 쓰기 권한을 얻거나, 쓸 수 있는 곳에 다시 받으세요."; exit 1; }

# 설치가 끝났다는 표시. 폴더를 옮기거나 복사한 뒤에도 쓸 수 있는지는 ready가 봅니다
.venv/.ready: requirements.txt pyproject.toml | tmp
	@$(MAKE) -s python
	@$(PYTHON) publish/environment.py --install >&2

ready: .venv/.ready
	$(if $(PYTHON),,@$(BIN)/python -c '' 2>/dev/null || $(MAKE) -s python)
	@$(or $(PYTHON),$(BIN)/python) publish/environment.py >&2

python:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(NEW)' 2>/dev/null || { exec >&2; \
	echo "Python 3.11 이상이 필요합니다. 지금 것: $$($(or $(PYTHON),python3) --version 2>&1 || true)"; \
	echo "다른 Python을 사용하려면 이렇게 하세요: make book PYTHON=/경로/python3.12"; exit 1; }

html: ready tmp  ## 책을 _build/html에 빌드합니다
	@$(BIN)/python publish/build.py

book: html  ## 책을 빌드해서 http://127.0.0.1:8000 에 띄웁니다 (PORT=다른 번호)
	@$(BIN)/python publish/serve.py --port "$(PORT)" _build/html

lite: ready tmp  ## 브라우저 실습실까지 책에 넣습니다 (npm 필요. PYODIDE_PACKAGES=휠 폴더)
	@cd publish && ../$(BIN)/python -m lite
	@$(BIN)/python publish/build.py

dist: lite  ## 책 전체를 PDF 하나와 오프라인 zip 하나로, 학생이 설치할 휠과 함께 _build/dist에 만듭니다
	@$(BIN)/python publish/dist.py

test: ready tmp  ## 모든 테스트를 돌립니다
	@$(MAKE) --no-print-directory $(if $(shell command -v npm),lite,html)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/python -m pytest -n $(WORKERS)

proof: html  ## 죽이기와 흔들기를 수백 번씩 해 보고 잃은 것을 셉니다
	@DDIALAB_PROOF=1 $(BIN)/python -m pytest -m proof -n $(PROVERS)

check: ready tmp  ## 빠른 것만 돌립니다 (문법, 용어, 단위 테스트)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/python -m pytest -n $(WORKERS) --ignore labs --ignore tests/labs --ignore tests/site

lab: ready tmp  ## 실습을 JupyterLab에서 엽니다 (PORT=다른 번호)
	@$(BIN)/python publish/lab.py $(ASKED) $(LAB)

opensearch: ready tmp  ## 진짜 OpenSearch를 도커 없이 띄웁니다. Java 17이 있으면 됩니다 (PORT=다른 번호)
	@cd publish && exec ../$(BIN)/python -m opensearch $(ASKED)

kafka: ready tmp  ## 진짜 Kafka를 도커 없이 띄웁니다. Java 17이 있으면 됩니다 (BROKERS=3, PORT=다른 번호)
	@cd publish && exec ../$(BIN)/python -m kafka --brokers="$(BROKERS)" $(ASKED)

kafka-clean: ready tmp  ## Kafka에 적은 메시지를 모두 버립니다
	@cd publish && ../$(BIN)/python -m kafka --clean

labs: ready tmp  ## 실습을 처음부터 다시 실행해 출력과 본문의 수를 갱신합니다
	@$(BIN)/python publish/execute.py labs/*.ipynb

doctor:  ## 이 컴퓨터에서 무엇이 되고 안 되는지 알려 줍니다. 설치 전에도 됩니다 (REDIS_URL, DATABASE_URL, OPENSEARCH_URL, KAFKA_BOOTSTRAP)
	@export PYTHONDONTWRITEBYTECODE=1; \
	chosen=$(BIN)/python; $$chosen -c '' 2>/dev/null || chosen="$(or $(PYTHON),python3)"; \
	test "$$($$chosen -c 'print(1)' 2>/dev/null)" = 1 || { \
	echo "문제  $$chosen: Python이 아니거나 실행되지 않습니다. → PYTHON=/경로/python3.12로 고치고, PYTHONHOME을 정해 두었으면 unset PYTHONHOME"; exit 1; }; \
	DOCTOR_PORT="$(if $(ASKED),$(PORT))" PYTHONPATH=src $$chosen -m ddialab.doctor

release: ready tmp  ## 과제의 배포본과 학생이 설치할 휠을 _build/release에 만듭니다
	@$(BIN)/python -m classroom release
	@$(BIN)/python publish/package.py _build/release

grade: ready tmp  ## 제출을 채점합니다 (SUBMISSIONS=폴더 ROSTER=명단.csv FORCE=1)
	@$(BIN)/python -m classroom grade "$(SUBMISSIONS)" $(GRADERS) \
	$(if $(SCHEDULER),--scheduler "$(SCHEDULER)") $(if $(ROSTER),--roster "$(ROSTER)") \
	$(if $(UNSAFE),--unsafe) $(if $(FORCE),--force)

formgrader: ready tmp  ## 글로 쓴 답을 브라우저에서 채점합니다 (nbgrader의 formgrader)
	@$(BIN)/python publish/lab.py --formgrader $(ASKED) $(FORMGRADER)

feedback: ready tmp  ## 점수를 모아 피드백을 다시 씁니다 (LMS=canvas|moodle ROSTER=내보낸.csv)
	@$(BIN)/python -m classroom feedback $(if $(LMS),--lms "$(LMS)") \
	$(if $(ROSTER),--roster "$(ROSTER)")

bench: ready tmp  ## 속도의 약속을 하나씩 잽니다 (ONLY="lighthouse cluster"면 그것만)
	@$(BIN)/python -m benchmarks $(ONLY)

lock: ready tmp  ## requirements.txt를 다시 잠급니다
	@$(BIN)/python -m pip install -q uv && $(BIN)/uv pip compile --universal --python-version 3.11 \
	--no-header --no-emit-index-url requirements.in -o requirements.txt

clean:  ## 만든 것을 지웁니다 (사람이 준 점수가 든 _build/grades는 남깁니다)
	@rm -rf .cache .venv
	@if [ -d _build ]; then find _build -mindepth 1 -maxdepth 1 ! -name grades -exec rm -rf {} +; fi
	@if [ -d _build/grades ]; then \
	echo "_build/grades는 남겼습니다. 사람이 준 점수가 들어 있습니다."; \
	echo "정말 지우려면 이렇게 하세요: rm -rf _build/grades"; \
	else rm -rf _build; fi
