# Everything a developer types. `make help` lists it.
PYTHON ?= $(firstword $(foreach p,/usr/bin/python3 python3 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null)))
VENV   := build/venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.complete
QM     := $(patsubst %.ts,%.qm,$(wildcard gui/translations/*.ts))
DEB    := build/deb/media-guard.deb
TRAY   := build/deb/media-guard-tray.deb

.PHONY: help run test check unit system releases endurance vm fuzz deb translations pictures install uninstall bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: $(STAMP) $(QM) ## the guard on simulated USB ports (no root, no hardware)
	@packaging/needs run
	@$(BIN)/python -m guard.sim.run

test: check unit system ## all tests of every day, the virtual machine included; those of a release: make releases

check: $(STAMP) ## lint, format, types, layers
	@packaging/needs check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests
	$(BIN)/pytest tests/test_layers.py

unit: $(STAMP) $(QM) ## all tests that need no virtual machine
	@packaging/needs unit
	@packaging/as-root $(BIN)/pytest --numprocesses auto --dist loadfile --ignore=tests/system --ignore=tests/test_layers.py

system: $(STAMP) $(DEB) $(TRAY) ## the built package on a real kernel in a virtual machine
	@packaging/needs system
	@packaging/as-root $(BIN)/python -m tests.system.image
	@packaging/as-root $(BIN)/pytest tests/system --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 15 --reruns 1 # a wait that a busy emulator made too long is told (R) and tried once more

releases: $(STAMP) $(DEB) $(TRAY) ## what takes minutes each: upgrade and purge, starting and sleeping, two networks, journeys, lives, endurance; then all of every day on Debian 13
	@packaging/needs system
	@MEDIA_GUARD_RELEASES=1 packaging/as-root $(BIN)/python -m tests.system.image
	@MEDIA_GUARD_RELEASES=1 packaging/as-root $(BIN)/pytest tests/system -m long --reruns 1
	@MEDIA_GUARD_SUITE=trixie packaging/as-root $(BIN)/pytest tests/system --reruns 1

CYCLES ?= 10000
endurance: $(STAMP) $(DEB) ## ten thousand plug cycles on eight ports at once in a virtual machine, with figures (CYCLES=n; more than twice as fast: SOURCE=linux-source-7.3.tar.xz)
	@packaging/needs system
	@[ -z "$(SOURCE)" ] || packaging/needs user_mode
	@packaging/as-root $(BIN)/python -m tests.system.endurance $(CYCLES) $(SOURCE)

vm: $(STAMP) $(DEB) $(TRAY) ## a shell in a virtual machine with the package installed
	@packaging/needs system
	@packaging/as-root $(BIN)/python -m tests.system.shell

fuzz: $(STAMP) ## ten targets for a minute each, by coverage where atheris is installed; what is found is kept in tests/fuzz/corpus
	@packaging/needs unit
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.fuzz $(SECONDS)

deb: $(DEB) $(TRAY) ## the Debian packages

$(DEB): $(shell find guard packaging systemd pyproject.toml -type f -not -name '*.pyc' 2>/dev/null)
	@packaging/needs deb
	packaging/deb/build.sh media-guard

$(TRAY): $(shell find gui packaging pyproject.toml -type f -not -name '*.pyc' -not -name '*.qm' 2>/dev/null)
	@packaging/needs deb
	packaging/deb/build.sh media-guard-tray

install: $(DEB) $(TRAY) ## put it on this desktop (as root)
	apt-get install -y --no-install-recommends ./$(DEB) ./$(TRAY)

uninstall: ## remove it again (as root); keeps registry and keys
	apt-get remove -y media-guard media-guard-tray

%.qm: %.ts $(STAMP)
	@packaging/needs window
	@$(BIN)/pyside6-lrelease -silent $< -qm $@

bench: $(STAMP) $(QM) $(DEB) ## figures, as ratios: from plug to mounted in the virtual machine, footprint, growth; docs/performance.md
	@packaging/needs system
	@packaging/as-root $(BIN)/python -m tests.system.image
	@packaging/as-root $(BIN)/python -m tests.bench.plugs 30 docs/performance/phases.svg
	@packaging/as-root $(BIN)/python -m tests.bench.footprint
	@packaging/as-root $(BIN)/python -m tests.bench.growth 100000 1000000 docs/performance/growth.svg

pictures: $(STAMP) $(QM) ## every screen in both languages into docs/pictures
	@packaging/needs pictures
	@$(BIN)/python -m tests.gui.pictures en
	@$(BIN)/python -m tests.gui.pictures zh

translations: $(STAMP) ## take new sentences into gui/translations (then translate them with pyside6-linguist)
	$(BIN)/pyside6-lupdate gui/*.py gui/console/*.py -ts gui/translations/media-guard_zh_CN.ts -no-obsolete -locations none
	$(BIN)/pyside6-lupdate gui/*.py gui/console/*.py -ts gui/translations/media-guard_en.ts -pluralonly -no-obsolete -locations none

$(STAMP): pyproject.toml
	@packaging/needs venv
	@python="$(or $(PYTHON),/usr/bin/python3)"; $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed, and $$python is older: make PYTHON=/path/to/a/newer/one"; exit 1; }; \
	$$python -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,desk]'
	@touch $@

clean: ## remove everything that was built
	rm -rf build gui/translations/*.qm
