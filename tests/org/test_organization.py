"""Making an organization and joining it: all or nothing, and no key for other eyes."""

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from guard.core.errors import Broken, GuardError, Hostile, Refused
from guard.org import organization
from guard.org.files import write_new
from guard.org.organization import Place, create_organization, enrol_host, join_organization
from guard.org.settings import load_settings
from guard.org.trust import load_identity, load_issuer

NOW = 1_790_000_000
HERE, THERE = Place("desk", "office", "机密"), Place("other", "internet", "公开")


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_keys_are_for_their_owner_alone_and_nothing_is_for_others_to_write(tmp_path: Path) -> None:
    create_organization(tmp_path, HERE, "cn", "", NOW)
    for path in tmp_path.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert not mode & 0o022, path
        if path.suffix == ".key":
            assert mode == 0o600, path
    assert load_identity(tmp_path, NOW).host.level_codes


def test_the_issuer_key_needs_its_passphrase_and_the_host_key_none(tmp_path: Path) -> None:
    create_organization(tmp_path, HERE, "cn", "correct horse", NOW)
    assert load_identity(tmp_path, NOW).host
    for wrong, code in (("", "passphrase-needed"), ("incorrect", "passphrase-wrong")):
        with pytest.raises(Refused) as caught:
            load_issuer(tmp_path, wrong)
        assert caught.value.code == code
    assert load_issuer(tmp_path, "correct horse")
    assert b"ENCRYPTED" in (tmp_path / "issuer.key").read_bytes()
    assert b"ENCRYPTED" in (tmp_path / "root.key").read_bytes()


def test_a_second_init_touches_nothing(tmp_path: Path) -> None:
    create_organization(tmp_path, HERE, "cn", "", NOW)
    before = {name: (tmp_path / name).read_bytes() for name in _files(tmp_path)}
    with pytest.raises(Refused, match="already-initialized"):
        create_organization(tmp_path, THERE, "corporate", "", NOW)
    assert {name: (tmp_path / name).read_bytes() for name in _files(tmp_path)} == before


@pytest.mark.parametrize("survived", range(9))
def test_an_init_that_fails_at_any_file_leaves_nothing_and_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    write, count = write_new, iter(range(99))

    def failing(path: Path, data: bytes, *, secret: bool = False) -> None:
        if next(count) == survived:
            raise Broken("file-unwritable", path=str(path), why="no space left")
        write(path, data, secret=secret)

    monkeypatch.setattr(organization, "write_new", failing)
    with pytest.raises(Broken, match="file-unwritable"):
        create_organization(tmp_path, HERE, "cn", "", NOW)
    monkeypatch.undo()
    with pytest.raises(GuardError):
        load_identity(tmp_path, NOW)
    create_organization(tmp_path, HERE, "cn", "", NOW)
    assert load_identity(tmp_path, NOW).host


@pytest.mark.parametrize("name", ["host.key", "host.cert", "trust/root.pub", "trust/networks.toml", "guard.toml"])
def test_a_file_that_others_could_have_written_is_not_used(tmp_path: Path, name: str) -> None:
    create_organization(tmp_path, HERE, "cn", "", NOW)
    (tmp_path / name).chmod(0o666)
    with pytest.raises(Broken, match="file-unsafe"):
        load_settings(tmp_path) if name == "guard.toml" else load_identity(tmp_path, NOW)
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("/etc/hostname")
    with pytest.raises(Broken):
        load_settings(tmp_path) if name == "guard.toml" else load_identity(tmp_path, NOW)


def _bundle(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    create_organization(home, HERE, "cn", "", NOW)
    enrol_host(home, THERE, tmp_path / "bundle", "", NOW)
    return tmp_path / "bundle"


def test_a_bundle_takes_one_computer_in_and_gives_it_no_issuer_key(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path)
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    away = tmp_path / "away"
    away.mkdir()
    join_organization(away, bundle)
    assert load_identity(away, NOW).host.network_id != load_identity(tmp_path / "home", NOW).host.network_id
    assert not {"issuer.key", "root.key"} & _files(away)
    with pytest.raises(GuardError):
        load_issuer(away, "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: {},
        lambda content: {**content, "media-guard-host": 2},
        lambda content: {**content, "files": {**content["files"], "../../etc/cron.d/x": "aGk="}},
        lambda content: {**content, "files": {**content["files"], "trust/issuers/../../x.cert": "aGk="}},
        lambda content: {**content, "files": {**content["files"], "/etc/passwd": "aGk="}},
        lambda content: {**content, "files": {**content["files"], "host.key": "not base64!"}},
        lambda content: {**content, "files": ["host.key"]},
    ],
)
def test_a_bundle_that_is_none_writes_nothing(
    tmp_path: Path, spoil: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    bundle = _bundle(tmp_path)
    bundle.write_text(json.dumps(spoil(json.loads(bundle.read_text()))))
    away = tmp_path / "away"
    away.mkdir()
    with pytest.raises(Hostile, match="bundle-invalid"):
        join_organization(away, bundle)
    assert not _files(away)
    assert not (tmp_path / "x.cert").exists()


def test_a_host_certificate_of_another_organization_is_not_believed(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path)
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    create_organization(stranger, HERE, "cn", "", NOW)
    content = json.loads(bundle.read_text())
    for name in ("host.key", "host.cert"):
        content["files"][name] = base64.b64encode((stranger / name).read_bytes()).decode()
    bundle.write_text(json.dumps(content))
    away = tmp_path / "away"
    away.mkdir()
    join_organization(away, bundle)
    with pytest.raises(GuardError):
        load_identity(away, NOW)
