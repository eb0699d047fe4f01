"""Manifests: any answer of the lister is taken or refused by one error; what two of them say together; what is odd."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.contents import (
    SLACK,
    Baseline,
    Change,
    Contents,
    State,
    What,
    by_weight,
    findings,
    here_since,
    on_arrival,
    on_departure,
    was_elsewhere,
)
from guard.core.errors import Hostile
from guard.core.manifest import DEEPEST, Cut, Entry, Kind, Manifest, compare, parse_entries, shown
from guard.core.oddities import Oddity, oddities
from guard.core.record import JournalHead, Record
from guard.core.verdict import Access, Severity

HOUR = 3_600_000_000_000
NOW = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
HERE = (NOW - SLACK, NOW + 60 * SECOND)
steps = st.binary(min_size=1, max_size=12).filter(lambda b: not {0, 0x2F} & set(b) and b not in (b".", b".."))
paths = st.lists(steps, min_size=1, max_size=4).map(b"/".join)
times = st.integers(-(1 << 62), 1 << 62)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(Kind))
    file = kind is Kind.FILE
    return Entry(
        path=draw(paths),
        kind=kind,
        size=draw(st.integers(0, (1 << 64) - 1)) if file else 0,
        modified=draw(times),
        born=draw(times),
        digest=draw(st.sampled_from((b"", b"\1" * 32, b"\2" * 32))) if file else b"",
        program=draw(st.booleans()),
        hidden=draw(st.booleans()),
    )


manifests = st.builds(Manifest.of, st.lists(entries(), max_size=12), st.sampled_from(Cut), st.integers(0, 2))


def _file(path: str, size: int = 1, modified: int = 0, **more: object) -> Entry:
    return Entry(path.encode(), Kind.FILE, size, modified, **more)  # type: ignore[arg-type]


def _folder(path: str) -> Entry:
    return Entry(path.encode(), Kind.FOLDER)


def _whats(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(str(change.what), shown(change.entry.path)) for change in by_weight(changes)]


@given(st.lists(entries(), max_size=12))
def test_what_is_packed_is_read_back_exactly(listed: list[Entry]) -> None:
    assert list(parse_entries(b"".join(entry.pack() for entry in listed))) == listed


def _parsed(untrusted: bytes) -> list[Entry]:
    """What is in it; nothing where it was refused with the one error that there is for this."""
    try:
        return list(parse_entries(untrusted))
    except Hostile as error:
        if error.code != "manifest-answer":
            raise
        return []


@given(st.binary(max_size=300))
def test_any_bytes_are_entries_with_decent_paths_or_one_error(untrusted: bytes) -> None:
    for entry in _parsed(untrusted):
        assert entry.path
        assert not {b"", b".", b".."} & set(entry.path.split(b"/"))


@given(st.lists(entries(), min_size=1, max_size=4), st.data())
def test_no_changed_byte_of_an_answer_makes_anything_but_entries_or_that_error(
    listed: list[Entry], data: st.DataObject
) -> None:
    packed = bytearray(b"".join(entry.pack() for entry in listed))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    assert all(b".." not in entry.path.split(b"/") for entry in _parsed(bytes(packed)))


@pytest.mark.parametrize(
    "path", [b"", b"/etc/shadow", b"..", b"a/../b", b"a//b", b"a/", b"./a", b"a\0b", b"a/" * DEEPEST + b"a"]
)
def test_a_path_that_leaves_the_medium_is_refused(path: bytes) -> None:
    with pytest.raises(Hostile, match="manifest-answer"):
        list(parse_entries(Entry(path, Kind.FILE).pack()))


@given(manifests)
def test_a_file_system_does_not_differ_from_itself_and_its_digest_knows_everything(one: Manifest) -> None:
    assert compare(one, one).came == compare(one, one).went == compare(one, one).changed == ()
    assert one.digest() == Manifest.of(reversed(one.entries), one.cut, one.unread).digest()
    for entry in one.entries:
        other = replace(one, entries=tuple(e if e is not entry else replace(e, born=e.born ^ 1) for e in one.entries))
        assert other.digest() != one.digest()


@given(manifests, manifests)
def test_what_came_one_way_went_the_other_and_every_file_is_told_once(one: Manifest, other: Manifest) -> None:
    there, back = compare(one, other), compare(other, one)
    if one.complete and other.complete:
        assert [e.path for e in there.came] == [e.path for e in back.went]
    assert [e.path for e in there.changed] == [e.path for e in back.changed]
    told = [entry.path for entry in (*there.came, *there.went, *there.changed)]
    assert len(told) == len(set(told))
    assert not there.came or one.complete
    assert not there.went or other.complete
    assert set(told) <= {entry.path for entry in (*one.entries, *other.entries)}


@given(st.lists(paths, min_size=2, max_size=20, unique=True))
def test_shown_paths_never_read_the_same_and_hold_nothing_that_controls(many: list[bytes]) -> None:
    texts = [shown(path) for path in many]
    assert len(set(texts)) == len(texts)
    assert all(text.isprintable() for text in texts)


def test_hostile_names_show_themselves() -> None:
    assert shown("Rechnung\u202efdp.exe".encode()) == r"Rechnung\u{202e}fdp.exe"
    assert shown(b"\xff\xfe\n\x1b[31m") == r"\xff\xfe\u{a}\u{1b}[31m"
    assert shown("计划/方案.docx".encode()) == "计划/方案.docx"
    assert shown(b"a\\x0a") == r"a\\x0a"


def test_a_path_told_twice_is_kept_once_and_the_manifest_is_not_complete() -> None:
    assert Manifest.of([_file("a"), _file("a", 2)]) == Manifest((_file("a", 2),), Cut.NONE, 1)
    assert not Manifest.of([_file("a"), _file("a", 2)]).complete


def test_summer_time_moves_no_file_but_other_contents_do() -> None:
    before = Manifest.of([_file("a", 5, NOW), _file("b", 5, NOW, digest=b"\1" * 32)])
    shifted = Manifest.of([_file("a", 5, NOW + HOUR), _file("b", 5, NOW - HOUR, digest=b"\2" * 32)])
    assert [entry.path for entry in compare(before, shifted).changed] == [b"b"]
    assert compare(before, Manifest.of([_file("a", 5, NOW + 1), _file("b", 5, NOW)])).changed[0].path == b"a"


def test_hashes_of_unchanged_files_are_carried_over_and_of_changed_ones_not() -> None:
    before = Manifest.of([_file("a", 5, NOW, digest=b"\1" * 32), _file("b", 5, NOW, digest=b"\1" * 32)])
    after = Manifest.of([_file("a", 5, NOW), _file("b", 6, NOW), _file("c")]).with_digests_of(before)
    assert [entry.digest[:1] for entry in after.entries] == [b"\1", b"", b""]


BEFORE = Manifest.of([_file("plan.odt", 5, NOW - HOUR), _file("old.txt", 5, NOW - HOUR), _folder("docs")])


def test_what_is_not_as_it_left_here_is_undeclared_and_what_was_made_since_the_mount_came_now() -> None:
    now = Manifest.of(
        [
            _file("plan.odt", 6, NOW - HOUR),
            _folder("docs"),
            _file("evil.exe", 9, NOW - HOUR),
            _file("copied.txt", 9, NOW - 9 * HOUR, born=NOW + 1),  # copied with its old time, while we listed
        ]
    )
    changes = on_arrival(now, Baseline(BEFORE, True, 0), HERE)
    assert _whats(changes) == [
        ("appeared", "evil.exe"),
        ("altered", "plan.odt"),
        ("vanished", "old.txt"),
        ("came", "copied.txt"),
    ]
    found = findings(changes, Severity.WARNING, Severity.ALARM, elsewhere=False, since="2026-09-21")
    assert [(f.rule, f.severity, dict(f.facts)["count"]) for f in found] == [
        ("files-suspicious", Severity.ALARM, "1"),
        ("files-undeclared", Severity.WARNING, "3"),
    ]
    assert dict(found[0].facts)["example"] == "evil.exe"
    told = findings(changes, Severity.WARNING, Severity.ALARM, elsewhere=True, since="x")
    assert [(f.rule, f.severity) for f in told] == [("files-elsewhere", Severity.INFO)], (
        "another guard let it be written"
    )
    seen = Contents().adding(State.ARRIVED, 1, now, changes, found)
    assert (seen.files, seen.size, seen.undeclared, seen.count(What.CAME)) == (3, 24, 3, 1)
    seen = seen.adding(State.LEFT, 1, BEFORE, changes, found)
    assert (seen.files, seen.undeclared, len(seen.findings)) == (2, 6, 2), "the same file system, listed once more"


@pytest.mark.parametrize("ahead", [HOUR, 365 * 24 * HOUR, 80 * 365 * 24 * HOUR])
def test_a_file_from_a_time_to_come_does_not_pass_for_one_that_was_made_here(ahead: int) -> None:
    """By a clock that went ahead where no guard was, or by whoever knows how a file is dated."""
    now = Manifest.of([*BEFORE.entries, _file("evil.exe", 9, NOW + ahead, born=NOW + ahead)])
    changes = on_arrival(now, Baseline(BEFORE, True, 0), HERE)
    assert _whats(changes) == [("appeared", "evil.exe")]
    assert [f.rule for f in findings(changes, Severity.WARNING, Severity.ALARM, elsewhere=False, since="x")] == [
        "files-suspicious",
        "files-undeclared",
    ]


def test_what_was_made_just_before_the_medium_came_was_not_made_here() -> None:
    arrived = mounted = NOW // SECOND
    since = here_since(arrived, mounted)
    assert since == NOW, "FAT counts in steps of two seconds, and this is the beginning of one"
    assert here_since(arrived + 1, mounted + 1) == NOW
    assert here_since(arrived - 600, mounted) == NOW - SLACK, "a mount is noticed a little later"
    assert not _file("evil.exe", 9, NOW - 1).touched(since, HERE[1])


def test_nobody_is_accused_where_nobody_saw_how_the_medium_left() -> None:
    now = Manifest.of([_folder("docs"), _file("evil.exe", 9)])
    changes = on_arrival(now, Baseline(BEFORE, False, 0), HERE)
    assert {change.what for change in changes} == {What.UNCLEAR}
    assert findings(changes, Severity.WARNING, Severity.ALARM, elsewhere=False, since="") == ()


def test_where_nothing_is_known_only_the_worst_is_told() -> None:
    now = Manifest.of([_file("setup.exe"), _file("docs.exe"), _folder("docs"), _file("autorun.inf"), _file("plan.odt")])
    changes = on_arrival(now, None, HERE)
    assert _whats(changes) == [("there", "autorun.inf"), ("there", "docs.exe"), ("there", "setup.exe")]
    (found,) = findings(changes, Severity.WARNING, Severity.ALARM, elsewhere=False, since="")
    assert (found.rule, found.severity, dict(found.facts)["count"]) == ("files-odd", Severity.NOTICE, "2")


def test_housekeeping_of_other_systems_is_no_alarm_but_what_hides_in_its_folders_is() -> None:
    new = [
        *(_folder(name) for name in ("System Volume Information", ".Trash-1000", ".Trash-1000/files", "$RECYCLE.BIN")),
        _file("System Volume Information/WPSettings.dat"),
        _file("System Volume Information/IndexerVolumeGuid"),
        _file("docs/Thumbs.db"),
    ]
    changes = on_arrival(Manifest.of([*BEFORE.entries, *new]), Baseline(BEFORE, True, 0), HERE)
    assert len(changes) == len(new)
    assert findings(changes, Severity.WARNING, Severity.ALARM, elsewhere=False, since="") == ()
    assert Contents().adding(State.ARRIVED, 1, BEFORE, changes).counts == ()
    hides = _file("System Volume Information/svc.exe")
    changes = on_arrival(Manifest.of([*BEFORE.entries, *new, hides]), Baseline(BEFORE, True, 0), HERE)
    found = findings(changes, Severity.WARNING, Severity.ALARM, elsewhere=False, since="")
    assert [f.rule for f in found] == ["files-suspicious", "files-undeclared"]


def test_a_visit_tells_what_it_brought_and_took() -> None:
    now = Manifest.of([_file("plan.odt", 7, NOW), _folder("docs"), _file("docs/new.txt", 1, NOW)])
    assert _whats(on_departure(BEFORE, now)) == [("came", "docs/new.txt"), ("changed", "plan.odt"), ("went", "old.txt")]


ODD = {
    "Reports.exe": {Oddity.PROGRAM, Oddity.DISGUISED},  # beside the folder Reports
    "hidden.exe": {Oddity.PROGRAM, Oddity.DISGUISED},  # beside the folder .hidden
    "Reports.lnk": {Oddity.SHORTCUT, Oddity.DISGUISED},
    "photo.jpg.exe": {Oddity.PROGRAM, Oddity.DISGUISED},
    "photo.jpg .scr": {Oddity.PROGRAM, Oddity.DISGUISED},
    "letter.pdf          .exe": {Oddity.PROGRAM, Oddity.DISGUISED},
    "exe.\u202egnp.scr": {Oddity.PROGRAM, Oddity.UNSHOWABLE},
    "annex\u202efdp.exe": {Oddity.PROGRAM, Oddity.UNSHOWABLE},
    "setup.exe": {Oddity.PROGRAM},
    "SETUP.EXE.": {Oddity.PROGRAM},
    "run.bat": {Oddity.PROGRAM},
    "mail.desktop": {Oddity.SHORTCUT},
    "autorun.inf": {Oddity.AUTORUN},
    "docs/autorun.inf": set(),
    "line\nbreak.txt": {Oddity.UNSHOWABLE},
    "name ": {Oddity.UNSHOWABLE},
    "plan.odt": set(),
    "v1.2.final.docx": set(),
    "archive.tar.gz": set(),
    "方案.docx": set(),
}


@pytest.mark.parametrize(("name", "expected"), ODD.items(), ids=map(ascii, ODD))
def test_odd_names_are_flagged_and_ordinary_ones_are_not(name: str, expected: set[Oddity]) -> None:
    assert oddities(_file(name), {b"reports", b".hidden", b"docs"}) == expected


def test_contents_and_kinds_are_flagged_too() -> None:
    assert Oddity.DISGUISED in oddities(_file("plan.pdf", program=True), ())
    assert Oddity.DISGUISED in oddities(_file("Reports", program=True), {b".reports"})
    assert oddities(_file("tool", program=True), ()) == {Oddity.PROGRAM}
    assert oddities(Entry(b"x", Kind.LINK), ()) == {Oddity.SHORTCUT}
    assert oddities(_folder(".cache"), ()) == {Oddity.HIDDEN}
    assert oddities(Entry(b"plain", Kind.FOLDER, hidden=True), ()) == {Oddity.HIDDEN}
    assert Oddity.HOUSEKEEPING not in oddities(_file("Thumbs.db", program=True), ())


def _record(sequence: int, host: str, access: Access) -> Record:
    return Record(
        sequence, "00" * 32, "ab" * 16, 1, host, "net", "cn", (), 0, access, False, (), JournalHead(1, "00" * 16)
    )


def test_another_guarded_host_that_let_it_be_written_explains_what_came() -> None:
    baseline = Baseline(BEFORE, True, 0, sequence=4)
    own = [_record(n, "us", Access.READ_WRITE) for n in (3, 4, 5)]
    assert not was_elsewhere(own, baseline, "us")
    assert not was_elsewhere([*own, _record(6, "they", Access.READ_ONLY)], baseline, "us")
    assert not was_elsewhere([_record(2, "they", Access.READ_WRITE), *own], baseline, "us"), "before it was here"
    assert was_elsewhere([*own, _record(6, "they", Access.READ_WRITE)], baseline, "us")
    assert was_elsewhere([_record(9, "us", Access.READ_WRITE)], baseline, "us"), "the log does not reach back so far"
