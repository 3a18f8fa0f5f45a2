"""The page book/runs.md: its runs are recorded, each cure changes what the page names, and its sentences hold."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import gan_helpers as gh
from benchmarks import record_runs
from benchmarks.record_runs import RUNS, diagnosis, series

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "book" / "runs.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)
LOG4 = float(np.log(4))
ROWS = {(int(row["run"]), row["part"], int(row["seed"])): row for row in gh.load_results("runs")}
FLOORS = {row["data"]: row for row in gh.load_results("floors")}


def rows_of(run, part="shown"):
    """The rows of the three seeds, the shown one first."""
    return [ROWS[run, part, seed] for seed in record_runs.seeds(run)]


def track(row, name):
    return series(row, name).numpy()


def modes(row):
    return gh.mode_coverage(series(row, "fake"), gh.ring_centres(8), radius=0.3)


def test_the_table_is_complete():
    rows = gh.load_results("runs")
    assert tuple(rows[0]) == record_runs.COLUMNS
    assert sorted(ROWS) == sorted(
        (run, part, seed) for run, (_, parts) in RUNS.items() for part in parts for seed in record_runs.seeds(run)
    )
    assert len(rows) == len(ROWS)
    for (run, part, _), row in ROWS.items():
        settings = RUNS[run][1][part]
        assert row["data"] == settings.data
        every = [int(row["steps"]) // len(track(row, name)) for name in (*record_runs.LOSSES, *record_runs.LOOKS)]
        assert every == [record_runs.LOSSES_EVERY] * 2 + [record_runs.LOOK_EVERY] * 5
        assert len(series(row, "pool")) == settings.few if settings.few else not row["pool"]
        assert series(row, "held_out").shape == series(row, "fake").shape == (record_runs.POINTS, 2)
        w1 = gh.wasserstein_distance(series(row, "held_out"), series(row, "fake"))
        assert w1 == pytest.approx(track(row, "w1")[-1], rel=1e-3, abs=0.002)  # of the points in the picture


def test_each_part_changes_what_the_page_names():
    for number, (_, parts) in RUNS.items():
        section = next(text for text in SECTIONS if text.startswith(f"Run {number}\n"))
        told = re.findall(r"Changed: `(\w+)`, from (\S+) to (\S+)\.\n", section)
        for part, (field, before, after) in zip(list(parts)[1:], told, strict=True):
            assert record_runs.changed(number, part) == [field]
            values = [getattr(parts[name], field) for name in ("shown", part)]
            assert [before, after] == [str(value) for value in values]


def test_the_page_tells_what_diagnose_says():
    """The table at the end of the page, cell by cell, from the recorded rows."""
    for number, (_, parts) in RUNS.items():
        for part in parts:
            found = Counter(name for row in rows_of(number, part) for name in diagnosis(row))
            said = ", ".join(f"{name} {count}" for name, count in found.most_common())
            assert f"| {number} | {part} | {said} |" in PAGE


def test_noise_floors():
    assert {name: len(row) for name, row in FLOORS.items()} == dict.fromkeys(("ring", "moons", "blob"), 5)
    again = {row["data"]: float(row["mean"]) for row in record_runs.floors(draws=20)}
    for data, row in FLOORS.items():
        assert again[data] == pytest.approx(float(row["mean"]), abs=4 * float(row["sd"]) / 20**0.5)
        assert f"{float(row['mean']):.2f} ± {float(row['sd']):.2f}" in PAGE


def test_a_run_is_written_whole_and_not_twice(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(record_runs, "RESULTS", tmp_path)
    monkeypatch.setattr(record_runs, "RUNS", {3: RUNS[3]})
    done = []

    def measure_all(measure, jobs, table, columns, key, *, processes):
        for job in jobs[:2]:  # and then it is stopped
            done.append(job)
            record_runs.append(table, columns, measure(job))

    monkeypatch.setattr(record_runs, "STEPS", 20)
    monkeypatch.setattr(record_runs, "measure_all", measure_all)
    assert record_runs.main(["--processes", "1"]) == 0
    with open(tmp_path / "runs.csv", "a", encoding="utf-8") as table:
        table.write("3,shown,303,ring,20,1.4")  # half a row
    assert record_runs.main(["--processes", "1"]) == 0
    assert done == [(3, "shown", 301), (3, "shown", 302), (3, "shown", 303)]
    rows = record_runs.rows_of(tmp_path / "runs.csv")
    assert [row["seed"] for row in rows] == ["301", "302", "303"]
    assert all(row["machine"] for row in rows)
    with pytest.raises(SystemExit, match="2"):
        record_runs.main(["--processes", "0"])
    assert "at least 1, but 0 came" in capsys.readouterr().err


def late(row, name):
    """The mean of the last third."""
    values = track(row, name)
    return float(values[-(len(values) // 3) :].mean())


def alone(row):
    """What diagnose says of the losses of a row alone."""
    losses = enumerate(zip(series(row, "d_loss"), series(row, "g_loss"), strict=True), 1)
    return [finding.name for finding in gh.diagnose([gh.StepRecord(i, *pair) for i, pair in losses])]


def variety(row):
    """The variance of the generated points as a share of that of the real ones."""
    spreads = [series(row, name).var(dim=0).sum() for name in ("fake", "held_out")]
    return float(spreads[0] / spreads[1])


def is_healthy(row):
    """The rule of the page: distance and variety of the last points."""
    return track(row, "w1")[-1] <= 2.5 * float(FLOORS[row["data"]]["mean"]) and 0.8 <= variety(row) <= 1.25


def test_healthy_runs_and_what_diagnose_says_of_them():
    cured = {(run, part, seed) for run, part, seed in ROWS if (part == "cured" and run != 5) or run == 3}
    assert {key for key, row in ROWS.items() if is_healthy(row)} == cured - {(8, "cured", 802)} | {(5, "adam", 501)}
    silent = {key for key, row in ROWS.items() if diagnosis(row) == ["nothing stands out"]}
    assert silent == cured | {(5, "adam", 501)}
    assert (len(ROWS), len(silent)) == (48, 22)
    assert all(RUNS[run][1]["cured"] == RUNS[3][1]["shown"] for run in (1, 2, 4, 6))
    assert "collapse" in diagnosis(ROWS[5, "adam", 503])  # healthy at a bar of three times the floor
    assert track(ROWS[5, "adam", 503], "w1")[-1] < 3 * float(FLOORS["ring"]["mean"])


def test_what_the_page_looks_for():
    """How often diagnose makes the finding that stands in the last column of the table."""
    table = re.findall(r"^\| (\d) \| shown \| .* \| ([^|,]+)[^|]* \|$", PAGE, flags=re.MULTILINE)
    named = {int(run): sum(name.strip() in diagnosis(row) for row in rows_of(int(run))) for run, name in table}
    assert named == {1: 3, 2: 3, 4: 3, 5: 3, 6: 3, 7: 3, 8: 1}
    for four, five in zip(rows_of(4), rows_of(5), strict=True):
        assert diagnosis(four) == diagnosis(five)
    assert all(alone(row) == ["records alone cannot tell"] for run in (2, 6, 7) for row in rows_of(run))
    flips = [key for key, row in ROWS.items() if is_healthy(row) and alone(row) == ["coin flip"]]
    assert sorted(flips) == [(7, "cured", 701), (8, "cured", 801), (8, "cured", 803)]


def test_run_1_does_not_learn():
    for row in rows_of(1):
        assert abs(track(row, "d_real") - 0.5).max() < 0.08
        assert track(row, "d_fake")[-1] > 0.99
        assert track(row, "d_loss")[-1] > 2 * LOG4
        assert track(row, "g_loss")[-1] < 0.01
        assert track(row, "gradient")[-1] < 1e-4
        assert series(row, "fake").abs().amax(dim=1).min() > 8
    assert track(rows_of(1)[0], "d_loss")[-1] > 10


def test_run_2_is_a_collapse_onto_one_mode():
    for row in rows_of(2):
        assert modes(row).covered == 1
        assert modes(row).good_share > 0.9
        assert late(row, "d_loss") == pytest.approx(0.39, rel=0.25)
        assert late(row, "g_loss") == pytest.approx(np.log(9), rel=0.25)
        assert track(row, "gradient").min() > 0.1
        assert alone(row) == ["records alone cannot tell"]
        assert diagnosis(row) == ["collapse"]
    shown, cured = rows_of(2)[0], rows_of(2, "cured")[0]
    assert [round(float(end), 1) for end in (track(shown, "gradient").min(), track(shown, "gradient").max())] == [
        0.4,
        6,
    ]
    assert modes(cured).covered == 7
    assert modes(cured).counts.min() == 1
    assert round(float(track(cured, "w1")[-1]), 2) == 0.64
    calm = track(cured, "d_loss")[25:]
    assert calm.min() > 0.9
    assert calm.max() < 1.35


def test_run_3_is_healthy():
    rows = rows_of(3)
    assert [modes(row).covered for row in rows] == [8, 8, 8]
    assert [round(200 * modes(row).good_share) for row in rows] == [161, 155, 139]  # 80, 78 and 70 %
    assert [round(float(track(row, "w1")[-1]), 2) for row in rows] == [0.29, 0.43, 0.4]
    assert all(late(row, "d_real") > 0.5 > late(row, "d_fake") for row in rows)
    assert all(diagnosis(row) == ["nothing stands out"] for row in rows)


def test_run_4_hits_a_wall():
    for row in rows_of(4):
        assert track(row, "d_loss")[-1] < 0.01
        assert track(row, "gradient")[-1] > 30
        assert track(row, "gradient")[-1] > 10 * track(row, "gradient")[0]
        border = series(row, "fake").abs().amax(dim=1)
        assert border.max() <= 1
        assert (border > 0.95).float().mean() > 0.9
        assert (series(row, "fake").abs().amin(dim=1) > 0.95).float().mean() > 0.97  # in the corners
    points = series(rows_of(4)[0], "fake")
    assert points[:, 0].min() > 0.999
    assert min((points[:, 1] > 0.95).float().mean(), (points[:, 1] < -0.95).float().mean()) > 0.4


def test_run_5_stands_still_and_leaves_by_either_change():
    for ill, cured, adam in zip(*(rows_of(5, part) for part in RUNS[5][1]), strict=True):
        assert track(ill, "d_loss").max() < 0.01
        assert track(ill, "gradient").max() < 0.0005
        assert track(ill, "gradient")[-1] < track(ill, "gradient")[0] / 10
        assert track(ill, "w1").min() > 5
        assert track(cured, "w1")[0] == pytest.approx(1.4, abs=0.05)  # at step 20
        assert track(cured, "w1").min() > 1
        assert late(cured, "d_loss") < 0.6
        assert track(adam, "w1")[-1] < track(cured, "w1")[-1]
        assert modes(adam).covered > modes(cured).covered
    ends = [[round(float(track(row, "w1")[-1]), 2) for row in rows_of(5, part)] for part in ("cured", "adam")]
    assert ends == [[1.59, 1.6, 1.56], [0.31, 1.19, 0.78]]
    assert modes(rows_of(5, "adam")[0]).covered == 8


def test_run_6_is_dead():
    for row in rows_of(6):
        level = same_answer(row)
        assert level[0.7311][-1]
        assert (level[0.5] | level[0.7311]).mean() > 0.5
        assert track(row, "gradient")[-1] < 1e-5
        assert track(row, "d_loss")[-1] == pytest.approx(1.6265, abs=0.001)
        assert modes(row).good_share == 0
    looks = {value: 20 * (np.flatnonzero(found) + 1) for value, found in same_answer(rows_of(6)[0]).items()}
    assert looks[0.7311].min() == 540
    assert looks[0.7311].max() == 1000
    assert (looks[0.5].min(), looks[0.5].max()) == (40, 320)
    shown = rows_of(6)[0]
    loss, gradient = track(shown, "d_loss"), track(shown, "gradient")
    assert abs(loss[10:80] - LOG4).max() < 0.005  # level from step 44 to 320
    assert loss[80:86].min() < 1.2
    assert 1.85 < loss[87:130].max() < 1.95
    assert np.ptp(loss[87:125]) > 0.05
    assert np.ptp(loss[135:]) < 0.005  # level from step 544 on
    assert 1e-6 < gradient[15] < 1e-4
    assert gradient[16] > 0 == gradient[17:].max()  # from step 360 on
    awake = slice(17, 26)  # the looks of steps 360 to 520: fakes are called real
    assert (track(shown, "d_fake")[awake] > track(shown, "d_real")[awake] + 0.1).all()


def same_answer(row):
    """At which looks D says one half, or 0.731, to points of all three kinds."""
    opinions = np.stack([track(row, name) for name in ("d_real", "d_held_out", "d_fake")])  # (3, looks)
    return {value: abs(opinions - value).max(axis=0) < 0.001 for value in (0.5, 0.7311)}


def test_run_7_knows_its_points():
    for row in rows_of(7):
        assert "discriminator memorises" in diagnosis(row)
        assert len(series(row, "pool")) == 8
    gaps = [(track(row, "d_real") - track(row, "d_held_out"))[9:].mean() for row in rows_of(7)]  # from step 200 on
    assert gaps == pytest.approx([0.39, 0.41, 0.09], abs=0.005)
    assert late(rows_of(7)[0], "d_loss") == pytest.approx(0.7, abs=0.05)
    early = track(rows_of(7)[2], "d_real")[9:22] - track(rows_of(7)[2], "d_held_out")[9:22]
    assert abs(early.mean()) < 0.05
    for row in rows_of(7, "cured"):
        assert abs((track(row, "d_real") - track(row, "d_held_out"))[9:].mean()) < 0.01


def swing(row):
    """The spread of the smoothed loss of G in the last third, as diagnose takes it."""
    losses = series(row, "g_loss")[-(len(track(row, "g_loss")) // 3) :]
    smooth = losses.unfold(0, 10, 1).mean(dim=1)
    return float((smooth.quantile(0.95) - smooth.quantile(0.05)) / losses.mean())


def test_run_8_swings():
    for ill, cured in zip(rows_of(8), rows_of(8, "cured"), strict=True):
        assert np.ptp(track(ill, "d_loss")[25:]) > 3
        assert np.ptp(track(ill, "d_fake")[5:]) > 0.5
        assert variety(ill) < 0.012
        assert "collapse" in diagnosis(ill)
        assert np.median(abs(track(cured, "d_loss") - LOG4)) < 0.01
    assert [diagnosis(row) for row in rows_of(8)[1:]] == [["collapse", "coin flip"]] * 2
    assert "oscillation" in diagnosis(rows_of(8)[0])
    assert [round(swing(row), 2) for row in rows_of(8)[1:]] == [0.39, 0.32]
    bursts = [np.ptp(track(row, "d_loss")[25:]) > 1 for row in rows_of(8, "cured")]
    assert bursts == [False, True, False]
    assert [round(float(track(row, "w1")[-1]), 2) for row in rows_of(8, "cured")] == [0.14, 0.24, 0.09]
    burst = rows_of(8, "cured")[1]
    assert round(float(track(burst, "w1").max()), 2) == 1.58
    assert np.ptp(track(burst, "d_loss")[50:-12]) < 0.05  # quiet from step 200 to 950
    assert 1.75 < variety(burst) < 2
    assert 0.01 < np.ptp(track(rows_of(8, "cured")[0], "d_fake")[5:]) < 0.03
