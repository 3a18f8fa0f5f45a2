"""The workflows: each step is a target or a script of the repository, and the weekly one opens one issue."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import needs_scripts

ROOT = Path(__file__).parents[1]
WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / ".github/workflows").glob("*.yml")
}
JOBS = [(name, job) for name, workflow in WORKFLOWS.items() for job in workflow["jobs"]]
RIGHTS = {  # of all other jobs: to read the repository
    ("pages.yml", "deploy"): {"pages": "write", "id-token": "write"},
    ("release.yml", "publish"): {"contents": "write", "actions": "write"},
    ("release.yml", "index"): {"id-token": "write"},
    ("weekly.yml", "tell"): {"contents": "read", "issues": "write"},
}
FAILED = {"newest": {"result": "success"}, "links": {"result": "failure"}, "engines": {"result": "failure"}}
RUN = "https://example.org/ada/book/actions/runs/7"


def steps(name, job):
    return WORKFLOWS[name]["jobs"][job].get("steps", [])


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_step_is_one_command_of_the_repository(name, job):
    targets = subprocess.run(
        [sys.executable, "make.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("Settings")[0]
    for step in steps(name, job):
        if "run" not in step:
            continue
        command = step["run"].strip()
        assert "${{" not in command, "what others write must come through env"
        assert "\n" not in command
        if made := re.fullmatch(r"(?:make|python make\.py)((?: [a-z-]+)+)", command):
            assert all(re.search(rf"^  {target} ", targets, re.MULTILINE) for target in made[1].split()), command
        else:
            program, script, *_ = command.split()
            assert program in ("bash", "python3"), command
            assert (ROOT / script).is_file(), command


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_has_an_end_and_little_power(name, job):
    assert WORKFLOWS[name]["jobs"][job]["timeout-minutes"] <= 180
    rights = WORKFLOWS[name]["jobs"][job].get("permissions", WORKFLOWS[name]["permissions"])  # a job's own replace all
    assert rights == RIGHTS.get((name, job), {"contents": "read"})
    if name in ("test.yml", "weekly.yml"):
        used = [step["uses"] for step in steps(name, job) if "uses" in step]
        assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action) for action in used)


def test_a_tag_publishes_what_was_tested_and_an_index_comes_last():
    jobs = WORKFLOWS["release.yml"]["jobs"]
    commands = [step["run"] for step in jobs["make"]["steps"] if "run" in step]
    order = ["make test", "make book pdf epub", "make book", "make test-site", "make release"]
    assert [command for command in commands if command in order] == order
    assert (jobs["publish"]["needs"], jobs["index"]["needs"]) == ("make", "publish")


def test_the_weekly_run_takes_what_colab_has():
    job = WORKFLOWS["weekly.yml"]["jobs"]["wheel"]
    (python,) = (step["with"]["python-version"] for step in job["steps"] if "python-version" in step.get("with", {}))
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make book", "make test-wheel"]
    torch = job["env"]["TORCH"].rpartition(".")[0]
    page = (ROOT / "book" / "take-away.md").read_text(encoding="utf-8")
    assert f"| Colab, as far as it is known | {python} since August 2026 | {torch} |" in page
    assert re.search(rf"went to Python {re.escape(python)} \(.*\) and torch {re.escape(torch)};",
                     (ROOT / "tests" / "colab.txt").read_text(encoding="utf-8"))  # fmt: skip


def test_the_one_who_tells_waits_for_all_jobs_of_the_week():
    jobs = WORKFLOWS["weekly.yml"]["jobs"]
    assert set(jobs["tell"]["needs"]) == set(jobs) - {"tell"}


# ---- one issue ----


@pytest.fixture
def tell(tmp_path):
    """Run the script with a stand-in for gh that notes what it was asked and knows some open issues."""
    program = tmp_path / "gh"
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, os, sys\n"
        f"open({str(tmp_path / 'asked')!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        "print(os.environ['OPEN'] if sys.argv[1:3] == ['issue', 'list'] else '')\n"
        "sys.exit(int(os.environ.get('REFUSES', 0)))\n",
        encoding="utf-8",
    )
    program.chmod(0o755)

    def told(results, *issues, **environment):
        done = subprocess.run(
            [sys.executable, str(ROOT / ".github" / "tell.py")],
            env={
                **os.environ,
                "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
                "RESULTS": json.dumps(results),
                "OPEN": json.dumps([{"number": number, "title": title} for number, title in issues]),
                "GITHUB_REPOSITORY": "ada/book",
                "GITHUB_SERVER_URL": "https://example.org",
                "GITHUB_RUN_ID": "7",
                **environment,
            },
            capture_output=True,
            text=True,
        )
        asked = tmp_path / "asked"
        return done, [json.loads(line) for line in asked.read_text().splitlines()] if asked.is_file() else []

    return told


@needs_scripts
def test_a_failure_opens_an_issue(tell):
    done, asked = tell(FAILED, (3, "The weekly run fails in my fork"))
    assert done.returncode == 0, done.stderr
    assert [words[:2] for words in asked] == [["issue", "list"], ["issue", "create"]]
    body = asked[1][asked[1].index("--body") + 1]
    assert body == f"Failed: engines, links. What they said: {RUN}"


@needs_scripts
def test_the_next_failure_adds_to_it(tell):
    _, asked = tell(FAILED, (9, "The weekly run fails"), (5, "The weekly run fails"), (2, "Other"))
    assert asked[1][:3] == ["issue", "comment", "5"]
    assert len(asked) == 2


@needs_scripts
def test_nothing_to_tell(tell):
    assert tell({"newest": {"result": "success"}, "links": {"result": "skipped"}})[1] == []


@needs_scripts
@pytest.mark.parametrize("result", ["cancelled", "timed_out"])
def test_a_job_that_hangs_is_told(tell, result):
    _, asked = tell({"newest": {"result": "success"}, "links": {"result": result}})
    assert asked[1][asked[1].index("--body") + 1] == f"Failed: links. What they said: {RUN}"
    assert WORKFLOWS["weekly.yml"]["jobs"]["tell"]["if"] == "${{ always() }}"


@needs_scripts
def test_it_fails_where_gh_does(tell):
    done = tell(FAILED, REFUSES="4")[0]
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith(
        "No issue tells so. Are Issues switched on, under Settings, General? A fork begins without.\n"
    )
