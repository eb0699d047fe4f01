# Everything a developer types. `make help` lists it.
PYTHON ?= $(firstword $(foreach p,/usr/bin/python3 python3 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null)))
VENV   := build/venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.complete
DEB    := build/deb/media-guard.deb

.PHONY: help run test check unit system vm deb install uninstall bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: $(STAMP) ## the guard on simulated USB ports (no root, no hardware)
	@packaging/needs run
	@$(BIN)/python -m guard.sim.run

test: check unit system ## all tests, the virtual machine included

check: $(STAMP) ## lint, format, types, layers
	@packaging/needs check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests
	$(BIN)/pytest tests/test_layers.py

unit: $(STAMP) ## all tests that need no virtual machine
	@packaging/needs unit
	@packaging/as-root $(BIN)/pytest --ignore=tests/system --ignore=tests/test_layers.py

system: $(STAMP) $(DEB) ## the built package on a real kernel in a virtual machine
	@packaging/needs system
	$(BIN)/pytest tests/system

vm: $(STAMP) $(DEB) ## a shell in a virtual machine with the package installed
	@packaging/needs system
	@$(BIN)/python -m tests.system.shell

deb: $(DEB) ## the Debian package

$(DEB): $(shell find guard packaging systemd pyproject.toml -type f -not -name '*.pyc' 2>/dev/null)
	@packaging/needs deb
	packaging/deb/build.sh
	@cp "$$(ls -t build/deb/media-guard_*.deb | head -n 1)" $@

install: $(DEB) ## put it on this desktop (as root)
	apt-get install -y --no-install-recommends ./$(DEB)

uninstall: ## remove it again (as root); keeps registry and keys
	apt-get remove -y media-guard

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it (Debian: apt install python3 python3-venv)."; exit 1; }
	@packaging/needs venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

clean: ## remove everything that was built
	rm -rf build
