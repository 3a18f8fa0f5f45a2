"""benchmarks/tables.py: rows whole or not at all, nothing measured twice, whatever stops the work."""

import pytest

from benchmarks.tables import append, measure_all, rows_of

COLUMNS = ("name", "look", "score")


def measure(name: str) -> list[dict[str, object]]:
    """Two looks at one run; a stand-in for training."""
    if name == "broken":
        raise ValueError("this run cannot be made")
    return [{"name": name, "look": look, "score": f"{len(name) + look}"} for look in (1, 2)]


def go(table, names, processes=1):
    measure_all(measure, names, table, COLUMNS, COLUMNS[:2], processes=processes)


def test_a_table_gets_its_head_once(tmp_path):
    table = tmp_path / "results" / "table.csv"
    append(table, COLUMNS, [{"name": "a", "look": 1, "score": 2}])
    append(table, COLUMNS, [{"name": "b", "look": 1}])
    assert table.read_text(encoding="utf-8") == "name,look,score\na,1,2\nb,1,\n"
    assert rows_of(tmp_path / "none.csv") == []


@pytest.mark.parametrize("cut", range(1, len("\nb,1,5")))
def test_half_a_row_is_no_row(tmp_path, cut):
    table = tmp_path / "table.csv"
    table.write_text("name,look,score\na,1,2\nb,1,5"[:-cut] if cut > 1 else "name,look,score\na,1,2\nb,1,5")
    assert [row["name"] for row in rows_of(table)] == ["a"]
    append(table, COLUMNS, [{"name": "b", "look": 1, "score": 5}])
    assert table.read_text(encoding="utf-8") == "name,look,score\na,1,2\nb,1,5\n"


def test_what_was_measured_before_an_interruption_stays(tmp_path):
    table = tmp_path / "table.csv"
    with pytest.raises(ValueError, match="cannot be made"):
        go(table, ["a", "broken", "bb"])
    assert [row["name"] for row in rows_of(table)] == ["a", "a"]
    go(table, ["bb"])
    assert [(row["name"], row["look"]) for row in rows_of(table)] == [("a", "1"), ("a", "2"), ("bb", "1"), ("bb", "2")]


def test_a_row_that_is_there_is_not_written_again(tmp_path):
    table = tmp_path / "table.csv"
    append(table, COLUMNS, [{"name": "a", "look": 1, "score": "old"}])
    go(table, ["a"])
    assert [(row["look"], row["score"]) for row in rows_of(table)] == [("1", "old"), ("2", "3")]


def test_two_at_once_write_what_one_writes(tmp_path, capsys):
    for processes in (1, 2):
        go(tmp_path / f"{processes}.csv", ["a", "bb", "ccc"], processes)
    one, two = (sorted(map(str, rows_of(tmp_path / f"{n}.csv"))) for n in (1, 2))
    assert one == two
    assert "3/3, about 0 minutes left" in capsys.readouterr().out
