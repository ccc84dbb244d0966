# make run · make test · make check · make bench · make campaign · make fuzz: each first sets up what it needs, and the second time does nothing.
# All paths are relative, so that the folder may be moved and its name may contain spaces.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.NOTPARALLEL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
# Without compiled modules every start of the server would compile them all again.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run test check bench campaign fuzz setup setup-test setup-bench setup-fuzz ready ready-test packages packages-test python node clean FORCE
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv/bin/python -P
ASSETS := web/assets
PEERS := tests/bench/peers

# WeasyPrint loads Pango and HarfBuzz from the system; the fonts are cut out of fonts-noto-cjk.
RUN_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk
# CHROMIUM names a browser to use instead of Debian's /usr/bin/chromium.
TEST_PACKAGES := postgresql poppler-utils libnss3-tools qpdf $(if $(CHROMIUM),,chromium)

# Databases of tests lie in memory where there is room: nothing that is thrown away waits for the disk.
ROOMY := $(shell [ "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 2000000 ] 2>/dev/null && echo /dev/shm)
PYTEST := $(if $(ROOMY),TMPDIR=$(ROOMY) )$(VENV) -m pytest

PIP_INSTALL := -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --only-binary :all:
PIP := $(VENV) $(PIP_INSTALL)
ASSET_SOURCES := $(shell find $(ASSETS) -path $(ASSETS)/node_modules -prune -o -type f -print)
CATALOGUES := $(wildcard web/translations/*/LC_MESSAGES/messages.po)
# A virtual environment dies with the Python that made it, for instance when Debian is upgraded.
DEAD_VENV := $(shell .venv/bin/python -c "import pip" 2>/dev/null || echo FORCE)

say = printf '== %s\n'

help:
	@cat <<-'END'
	make run     安装所需并启动 Woshou / set up and start Woshou on http://127.0.0.1:8000
	make test    运行全部测试 / run every test
	make check   快速检查：格式、类型、分层、快速测试（SQLite） / style, types, layers and the quick tests, on SQLite
	make bench   测量速度 / measure the speed
	make campaign 长时间的可靠性试验 / the long runs: kills, restarts, damaged diagrams
	make fuzz    对表达式做十分钟模糊测试 / fuzz the expressions for ten minutes
	make setup   只做安装 / only set up
	make clean   删除安装与构建的文件（不动 data/） / remove what set-up made; data/ stays
	END

run: setup
	@.venv/bin/woshou init --demo
	exec .venv/bin/woshou serve

# What is held to seconds is measured when nothing else runs. Whoever names tests may name none of one kind.
NONE_IS_FINE = $(if $(PYTEST_ARGS), || [ $$? -eq 5 ])

test: setup-test
	@$(PYTEST) --numprocesses 3 --dist loadfile --no-loadscope-reorder -m "not alone" $(PYTEST_ARGS)$(NONE_IS_FINE)
	$(PYTEST) -m alone $(PYTEST_ARGS)$(NONE_IS_FINE)

QUICK := $(PYTEST) -m "not slow and not browser and not postgresql"
HALF := tests/web tests/engine tests/bpmn tests/processes
# A half for each of two processes: to hand out thousands of quick tests one by one takes long itself.
define HALVES
$(QUICK) $(HALF) >build/check.log 2>&1 &
half=$$!
$(QUICK) $(HALF:%=--ignore=%) || failed=yes
wait $$half || failed=yes
cat build/check.log
[ -z "$${failed:-}" ]
endef

check: setup-test
	@.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(if $(PYTEST_ARGS),$(QUICK) $(PYTEST_ARGS),$(HALVES))

bench: setup-bench
	@$(VENV) -m tests.bench $(BENCH_ARGS)

campaign: setup-test
	@$(VENV) -m tests.reliability $(CAMPAIGN_ARGS)

fuzz: setup-fuzz
	@$(VENV) -m tests.feel.fuzz -max_total_time=600 -print_final_stats=1 $(FUZZ_ARGS)

clean:
	@rm -rf .venv build $(ASSETS)/node_modules web/static

# The lock keeps two makes in one folder from installing over each other.
setup:
	@mkdir -p build
	flock build/setup.lock $(MAKE) ready

setup-test:
	@mkdir -p build
	flock build/setup.lock $(MAKE) ready-test

setup-bench:
	@mkdir -p build
	flock build/setup.lock $(MAKE) ready-test build/peers/.done

setup-fuzz:
	@mkdir -p build
	flock build/setup.lock $(MAKE) ready-test .venv/.fuzz-done

ready: packages python node .venv/.run-done web/static/.done build/fonts/.done $(CATALOGUES:.po=.mo)

ready-test: packages-test ready .venv/.test-done

# $(call need,packages): installs by apt those that are missing; elsewhere than on Debian and Ubuntu it only names them.
define need
missing=
if ! command -v dpkg-query >/dev/null; then
  $(say) "这里没有 apt，请自行确认已安装 / no apt here, please see to it yourself that these are installed: $(1)"
  exit 0
fi
for package in $(1); do
  dpkg-query --show --showformat '$${db:Status-Status}\n' "$$package" 2>/dev/null | grep -qx installed || missing+=" $$package"
done
[ -n "$$missing" ] || exit 0
if [[ "$$missing" == *chromium* ]] && grep -qx 'ID=ubuntu' /etc/os-release; then
  $(say) "Ubuntu 的 chromium 是 snap，测试无法使用。请安装 Chrome 或 Chromium，并写明其路径 / On Ubuntu chromium is a snap, which the tests can't drive. Install Chrome or Chromium and name it: CHROMIUM=/path/to/chrome make test"
  exit 1
fi
root=()
if [ "$$(id -u)" -ne 0 ]; then
  root=(sudo)
  [ -t 0 ] || root=(sudo -n)
  if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
    $(say) "缺少系统软件包，请管理员执行 / system packages are missing; ask an administrator to run:"
    echo "apt-get update && apt-get install -y --no-install-recommends$$missing"
    exit 1
  fi
fi
$(say) "安装系统软件包 / installing system packages:$$missing"
"$${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q || $(say) "apt-get update 未完全成功，继续 / apt-get update had trouble, going on"
"$${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $$missing
endef

packages:
	@$(call need,$(RUN_PACKAGES))

packages-test:
	@$(call need,$(RUN_PACKAGES) $(TEST_PACKAGES))

define python_is_new_enough
if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  $(say) "需要 Python 3.11 以上，可用 PYTHON=… 指定 / Python 3.11 or newer is needed; name it with PYTHON=…"
  exit 1
fi
endef

# Debian's own python3 comes without venv; other builds of Python have it.
python:
	@[ -z "$(DEAD_VENV)" ] && exit 0
	$(python_is_new_enough)
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null && exit 0
	$(call need,python3-venv)

node:
	@version=$$(node --version 2>/dev/null | sed 's/^v//; s/\..*//') || true
	if [ "$${version:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
	  $(say) "需要 Node.js 20 以上及 npm；现有版本：$${version:-无}。请从 https://nodejs.org 或 NodeSource 安装（Debian 12 自带的是 18） / Node.js 20 or newer with npm is needed; found: $${version:-none}. Install it from https://nodejs.org or NodeSource (Debian 12 ships 18)"
	  exit 1
	fi

.venv/pyvenv.cfg: $(DEAD_VENV)
	@$(say) "建立 .venv / making .venv with $$($(PYTHON) --version)"
	$(PYTHON) -m venv --clear .venv

# What is imported is never garbage: the collector begins its work when a command does (web/cli.py).
# The project itself is put on the path by one line and not by "pip install -e", which would fetch a build tool without a hash.
.venv/.run-done: requirements.txt .venv/pyvenv.cfg
	@$(say) "安装 Python 包（按锁定文件与哈希） / installing the locked Python packages"
	$(PIP) -r requirements.txt
	echo ../../../.. > "$$($(VENV) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/woshou.pth"
	printf '%s\n' '#!/bin/sh' 'start="import gc; gc.disable(); from web.cli import main; main(prog_name=\"woshou\")"' \
	  'exec "$$(dirname "$$(readlink -f "$$0")")/python" -P -c "$$start" "$$@"' > .venv/bin/woshou
	chmod +x .venv/bin/woshou
	touch $@

.venv/.test-done: requirements-dev.txt .venv/.run-done
	@$(say) "安装测试用的 Python 包 / installing the Python packages of the tests"
	$(PIP) -r requirements-dev.txt
	touch $@

# atheris has no wheel for every machine that the project runs on, so that nothing else waits for it.
.venv/.fuzz-done: requirements-fuzz.txt .venv/.test-done
	@$(say) "安装模糊测试用的 Python 包 / installing the Python package of the fuzz run"
	$(PIP) -r requirements-fuzz.txt
	touch $@

# The engines of FEEL that ours is measured against want other releases of its libraries: they live apart.
build/peers/.done: requirements-bench.txt $(wildcard $(PEERS)/*.js*) .venv/.run-done $(ASSETS)/node_modules/.done
	@$(say) "安装用来比较的 FEEL 引擎 / installing the engines of FEEL to compare with"
	$(PYTHON) -m venv --clear build/peers
	build/peers/bin/python -P $(PIP_INSTALL) -r requirements-bench.txt
	cp $(PEERS)/package.json $(PEERS)/package-lock.json $(PEERS)/feelin.js build/peers/
	npm --prefix build/peers ci --ignore-scripts --no-audit --no-fund --loglevel=error
	$(ASSETS)/node_modules/.bin/esbuild build/peers/feelin.js --bundle --minify --outfile=build/peers/feelin.bundle.js --log-level=warning
	touch $@

$(ASSETS)/node_modules/.done: $(ASSETS)/package.json $(ASSETS)/package-lock.json
	@$(say) "安装前端包 / installing the front end's packages"
	npm --prefix $(ASSETS) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

web/static/.done: $(ASSETS)/node_modules/.done $(ASSET_SOURCES)
	@$(say) "打包前端 / bundling the front end"
	npm --prefix $(ASSETS) run --silent build
	touch $@

build/fonts/.done: engine/documents/fonts.py .venv/.run-done
	@$(say) "提取字体 / taking out the fonts"
	$(VENV) -m engine.documents.fonts build/fonts
	touch $@

%.mo: %.po .venv/.run-done
	@$(say) "编译译文 / compiling $<"
	$(VENV) -m babel.messages.frontend compile --input-file $< --output-file $@ 2>/dev/null
