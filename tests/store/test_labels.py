"""Whatever labels come in whatever order, each has its row, no two have one number, and nothing that is known falls."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from guard.core.label import MAX_NUMBER, Kind, Label
from guard.core.scheme import Level
from guard.schemes import load_scheme
from guard.store.labels import note_label
from guard.store.tables import media
from guard.store.upgrades import STEPS

SCHEME = load_scheme("cn")
CODES = tuple(rank.code for rank in SCHEME.ranks)
IDS = ("ab" * 16, "ab" * 15 + "cd", "cd" * 16)  # two begin alike
NUMBERS = ("MG-0001", "MG-0002", "MG-0001 (ababab)", "9" * MAX_NUMBER)


def _label(medium: str, number: str, generation: int, code: int) -> Label:
    return Label(
        medium_id=medium,
        generation=generation,
        scheme="cn",
        level_codes=(code,),
        kind=Kind.WORK,
        networks=("01" * 8,),
        may_import=False,
        holder="Li Si",
        number=number,
        issued=1_700_000_000 + generation,
        expires=None,
        hardware="00" * 32,
    )


@given(
    st.lists(
        st.tuples(
            st.builds(
                _label, st.sampled_from(IDS), st.sampled_from(NUMBERS), st.integers(1, 4), st.sampled_from(CODES)
            ),
            st.sampled_from(("", "root")),
        ),
        max_size=12,
    )
)
def test_any_labels_in_any_order(labels: list[tuple[Label, str]]) -> None:
    engine = create_engine("sqlite://")
    newest: dict[str, Label] = {}
    water: dict[str, Level] = {}
    with engine.begin() as connection:
        for step in STEPS:
            step(connection)
        for now, (label, by) in enumerate(labels):
            note_label(connection, SCHEME, label, now, None, by=by)
            ident = label.medium_id
            level = SCHEME.level_of_codes(label.level_codes)
            water[ident] = SCHEME.join(level, water.get(ident, Level(())))
            if ident not in newest or newest[ident].generation <= label.generation:
                newest[ident] = label
            rows = {row.id: row for row in connection.execute(select(media))}
            assert set(rows) == set(newest)
            assert len({row.number for row in rows.values()}) == len(rows)
            for ident, row in rows.items():
                shown = newest[ident].number
                assert row.number in (shown, f"{shown} ({ident[:6]})", f"{shown} ({ident})")
                assert row.generation == newest[ident].generation
                assert SCHEME.level(row.high_water) == water[ident]
    engine.dispose()
