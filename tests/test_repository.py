"""The repository agrees with itself: addresses, versions, data, references, files."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import TOGETHER
from packaging.requirements import Requirement
from packaging.version import Version

from gan_helpers import data

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
ADDRESS = PROJECT["urls"]["Repository"]


def files():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def texts():
    return [
        file for file in files() if file.suffix in {".py", ".md", ".ipynb", ".yml", ".toml", ".txt", ".cff", ".css"}
    ]


def test_one_address():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["repository"]["url"] == ADDRESS
    assert config["sphinx"]["config"]["html_theme_options"]["repository_url"] == ADDRESS
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["repository-code"] == ADDRESS
    assert ADDRESS in (ROOT / "README.md").read_text(encoding="utf-8")


def test_one_version():
    version, citation = PROJECT["version"], yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == version
    assert f"## {version} ({citation['date-released']})" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_site_has_one_address():
    address = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")).get("url", "") == address


def valid_citation(path):
    """Whether a file keeps to the Citation File Format."""
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format", str(path)]
    return subprocess.run(check, capture_output=True).returncode == 0


def test_the_citation_is_valid(tmp_path):
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert valid_citation(ROOT / "CITATION.cff")
    for number, wrong in enumerate([text.replace("type: software", "type: poem"), text.replace("title: ", "name: ")]):
        (tmp_path / f"{number}.cff").write_text(wrong)
        assert not valid_citation(tmp_path / f"{number}.cff")


def test_zenodo_says_what_the_citation_says():
    """Where .zenodo.json is, Zenodo does not read the citation file; version and date it takes from the release."""
    zenodo = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    pairs = {
        "title": "title",
        "upload_type": "type",
        "description": "abstract",
        "keywords": "keywords",
        "license": "license",
    }
    assert {name: zenodo[name] for name in pairs} == {name: citation[other] for name, other in pairs.items()}
    assert zenodo["creators"] == citation["authors"]
    assert not {"version", "publication_date", "doi"} & set(zenodo)


def requirements():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith(("#", "-e"))]
    optional = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    return [
        Requirement(line) for line in lines + PYPROJECT["build-system"]["requires"] + PROJECT["dependencies"] + optional
    ]


@pytest.mark.parametrize("constraints", ["constraints.txt", "constraints-oldest.txt"])
def test_constraints_satisfy_the_ranges(constraints):
    pinned = {}
    for line in (ROOT / constraints).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            (version,) = (specifier.version for specifier in pin.specifier)
            pinned.setdefault(pin.name.lower(), []).append(version)
    for wanted in requirements():
        versions = pinned.get(wanted.name.lower())
        assert versions, f"{wanted.name} is not pinned in {constraints}"
        assert all(wanted.specifier.contains(version) for version in versions), wanted


def test_the_oldest_versions_are_the_lower_ends_of_the_ranges():
    lines = (ROOT / "constraints-oldest.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    floors = {}
    for wanted in requirements():
        for lowest in (one.version for one in wanted.specifier if one.operator == ">="):
            floors[wanted.name] = max(floors.get(wanted.name, lowest), lowest, key=Version)  # all ranges hold
    for name, lowest in floors.items():
        (version,) = {one.version for pin in pins if pin.name.lower() == name.lower() for one in pin.specifier}
        assert Version(version) == Version(lowest), name


def test_the_build_needs_what_the_readers_are_given():
    (build,) = PYPROJECT["build-system"]["requires"]
    assert build in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()


def test_the_oldest_python_is_the_same_everywhere():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert f"sys.version_info < ({oldest.replace('.', ', ')})" in (ROOT / "make.py").read_text(encoding="utf-8")
    assert f"each Python from {oldest} on" in (ROOT / "MAINTAINING.md").read_text(encoding="utf-8")
    for name in ("README.md", "make.py", "book/take-away.md", "scripts/take_away.py", "CHANGELOG.md"):
        assert set(re.findall(r"Python (3\.\d+) or newer", (ROOT / name).read_text(encoding="utf-8"))) == {oldest}, name
    for name in ("constraints.txt", "constraints-oldest.txt"):
        assert f" --python-version {oldest} " in (ROOT / name).read_text(encoding="utf-8"), name
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]
    versions = [job["python"] for job in jobs["linux"]["strategy"]["matrix"]["include"]]
    assert min(versions, key=lambda version: [*map(int, version.split("."))]) == oldest


def test_requirements_end_with_the_package():
    assert (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()[-1] == "-e ."


def test_data_is_documented():
    notes = (ROOT / "DATA.md").read_text(encoding="utf-8")
    for name, digest, *_ in (*data._SETS.values(), data._LETTERS):
        assert f"`{name}`" in notes
        assert f"`{digest}`" in notes
        assert hashlib.sha256((ROOT / "gan_helpers" / "embedded" / name).read_bytes()).hexdigest() == digest


def test_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [toc["root"]]
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            pages += [chapter["file"], *(section["file"] for section in chapter.get("sections", []))]
    for page in pages:
        assert any((ROOT / f"{page}{ending}").is_file() for ending in (".md", ".ipynb")), page
    written = {
        p.relative_to(ROOT).with_suffix("").as_posix() for e in ("md", "ipynb") for p in (ROOT / "book").rglob(f"*.{e}")
    }
    assert written == set(pages)


def test_files_are_small():
    large = [file.name for file in files() if file.stat().st_size > 1_500_000]
    assert sorted(large) == ["fashion-mnist-10k.npz", "letters.npz", "mnist-10k.npz", "tour.gif"]


@pytest.mark.parametrize(
    "word", ["TO" + "DO", "FIX" + "ME", "lorem " + "ipsum", "coming " + "soon", "NotImplemented" + "Error"]
)
def test_nothing_is_left_unfinished(word):
    assert [file.name for file in texts() if word.lower() in file.read_text(encoding="utf-8").lower()] == []


def test_references():
    entries = re.findall(r"^@\w+\{([^,\s]+),", (ROOT / "book/references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(set(entries)) == len(entries)
    cited = set()
    for page in (ROOT / "book").rglob("*.md"):
        for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", page.read_text(encoding="utf-8")):
            cited |= {key.strip() for key in keys.split(",")}
    assert cited == set(entries)


def test_each_lab_with_checks_is_on_the_page_of_all_claims():
    text = (ROOT / "book/claims.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```\{claims\} (\S+)\n```$", text, re.MULTILINE)  # a block left open swallows the next
    labs = [path for path in (ROOT / "book").glob("*/lab.ipynb") if '"check": {' in path.read_text(encoding="utf-8")]
    assert sorted(shown) == sorted(path.parent.name for path in labs)


@pytest.mark.parametrize("out", ["grades", "week3"])
def test_what_grade_writes_about_students_is_not_published(out):
    pages = "feedback" if out == "grades" else f"{out}-feedback"
    written = [f"{out}.csv", f"{out}-moodle.csv", f"{pages}/Ada.html", f".{out}.kept/1.json"]
    ignored = subprocess.run(["git", "check-ignore", *written], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ignored.stdout.splitlines() == written


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "MAINTAINING.md"])
def test_links_between_files(name):
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


MANY = """
import os, pathlib, time

import pytest


@pytest.mark.parametrize("k", range(HOW_MANY))
def test_where_it_runs(k):
    time.sleep(0.05)  # the other worker comes for its share
    pathlib.Path(f"{pathlib.Path(__file__).stem}-{k}").write_text(os.environ["PYTEST_XDIST_WORKER"])
"""


def test_files_whose_tests_stay_together(tmp_path):
    assert all((ROOT / "tests" / name).is_file() for name in TOGETHER)
    # the worker with the eight gets more after six of them, when the other has not had all forty
    for name, many in {"test_losses.py": 40, "test_pdf.py": 8}.items():
        (tmp_path / name).write_text(MANY.replace("HOW_MANY", str(many)), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "conftest"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT / "tests")}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert "48 passed" in done.stdout, done.stdout + done.stderr
    workers = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.glob("test_*-*")}
    assert len({workers[f"test_pdf-{k}"] for k in range(8)}) == 1
    assert len({workers[f"test_losses-{k}"] for k in range(40)}) == 2
