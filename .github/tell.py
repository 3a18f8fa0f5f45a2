"""Open one issue about what failed in the weekly run, or add to the one that is open. The workflow calls it.

From the environment: RESULTS, the results of the jobs as JSON, what GitHub says of the run, and GH_TOKEN for gh.
"""

import json
import os
import subprocess
import sys

TITLE = "The weekly run fails"


def gh(*arguments: str) -> str:
    """Return what GitHub's own program says."""
    return subprocess.run(["gh", *arguments], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def main() -> int:
    """Name the jobs that did not end well: failed, or stopped at their time limit."""
    results = json.loads(os.environ["RESULTS"]).items()
    failed = sorted(job for job, said in results if said["result"] not in ("success", "skipped"))
    if not failed:
        print("No job failed: there is nothing to tell.")
        return 0
    where = os.environ["GITHUB_REPOSITORY"]
    run = f"{os.environ['GITHUB_SERVER_URL']}/{where}/actions/runs/{os.environ['GITHUB_RUN_ID']}"
    body = f"Failed: {', '.join(failed)}. What they said: {run}"
    sought = ("--state", "open", "--search", f"in:title {TITLE}", "--json", "number,title")
    print(body)
    try:
        found = gh("issue", "list", "--repo", where, *sought)
        issues = [issue["number"] for issue in json.loads(found) if issue["title"] == TITLE]
        if issues:
            gh("issue", "comment", str(min(issues)), "--repo", where, "--body", body)
        else:
            gh("issue", "create", "--repo", where, "--title", TITLE, "--body", body)
    except subprocess.CalledProcessError:  # gh has said why
        print("No issue tells so. Are Issues switched on, under Settings, General? A fork begins without.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
