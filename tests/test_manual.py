"""Manual pages, the example configuration and shell completion say what the programs do, and all of it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path

import pytest

from guard.core.settings import Settings, parse_settings
from guard.ctl.verbs import VERBS
from guard.org.organization import Place, create_organization

ROOT = Path(__file__).resolve().parent.parent
MAN = ROOT / "packaging" / "man"
EXAMPLE = ROOT / "packaging" / "examples" / "guard.toml"


def _plain(page: str) -> str:
    return (MAN / page).read_text().replace("\\-", "-").replace("\\(dq", '"')


@pytest.mark.parametrize("page", sorted(path.name for path in MAN.iterdir()))
def test_a_manual_page_is_well_formed_and_refers_to_pages_that_are_there(page: str) -> None:
    assert shutil.which("mandoc"), "install the package mandoc"
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", MAN / page], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    ours = re.findall(r"^\.BR (media\S*|guard\.toml) \((\d)\)", _plain(page), re.MULTILINE)
    assert ours
    assert [name for name, section in ours if not (MAN / f"{name}.{section}").exists()] == []


def test_every_unit_refers_to_a_page_that_is_there() -> None:
    named = re.findall(r"man:([\w.-]+)\((\d)\)", "".join(path.read_text() for path in (ROOT / "systemd").iterdir()))
    assert ("media-guardd", "8") in named
    assert [name for name, section in named if not (MAN / f"{name}.{section}").exists()] == []


def test_every_verb_of_a_module_is_found_and_loads_no_module_of_another() -> None:
    made = {
        command.name: path.stem
        for path in (ROOT / "guard/ctl").glob("*.py")
        if "\nCOMMANDS" in path.read_text()
        for command in import_module(f"guard.ctl.{path.stem}").COMMANDS
    }
    assert made == VERBS
    script = "import sys; from guard.ctl.__main__ import main; main(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, "marks", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {name.removeprefix("guard.ctl.") for name in done.stdout.splitlines()[-1].split() if "guard.ctl." in name}
    assert loaded & set(VERBS.values()) <= {"reviews", "listings"}, "it shares how a medium is found with the listings"


def test_every_verb_is_in_the_manual() -> None:
    page = _plain("mediaguardctl.1")
    assert [name for name in VERBS if not re.search(rf"(?<![\w-]){name}(?![\w-])", page)] == []


def test_every_setting_is_in_the_manual_with_its_default() -> None:
    page = _plain("guard.toml.5")
    for section in fields(Settings):
        start = page.index(f".SH SECTION [{section.name}]\n")
        text = page[start : page.index("\n.SH ", start + 1)]
        defaults = asdict(Settings())[section.name]
        said = {
            key: tomllib.loads(f"it = {value}")["it"]
            for key, value in re.findall(r'^\.BR (\w+) " = (.+)"$', text, re.MULTILINE)
        }
        assert said == {key: list(value) if isinstance(value, tuple) else value for key, value in defaults.items()}


def test_the_example_is_every_default_and_passes_the_check_of_the_program(tmp_path: Path) -> None:
    raw = tomllib.loads(EXAMPLE.read_text())
    assert {name: set(section) for name, section in raw.items()} == {
        name: set(section) for name, section in asdict(Settings()).items()
    }
    assert parse_settings(raw, "example") == Settings()
    config = tmp_path / "config"
    create_organization(config, Place("host", "office", "INTERNAL"), "corporate", "", 1_700_000_000)
    shutil.copy(EXAMPLE, config / "guard.toml")
    assert _check(config).returncode == 0
    (config / "guard.toml").write_text(EXAMPLE.read_text().replace("quota = 5", "quota = 0"))
    bad = _check(config)
    assert bad.returncode == 1
    assert "requests.quota" in bad.stderr


def test_completion_offers_every_verb_in_bash() -> None:
    script = (
        'eval "$(mediaguardctl completion bash)"; COMP_WORDS=(mediaguardctl ""); COMP_CWORD=1;'
        'compopt() { :; }; _mediaguardctl_completion mediaguardctl; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, timeout=40, env={**os.environ, "PATH": path}
    )
    assert sorted(done.stdout.split()) == sorted(VERBS)


def _check(config: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "guard.ctl", "check-config"],
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
        env={**os.environ, "MEDIA_GUARD_CONFIG_DIR": str(config), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
    )
