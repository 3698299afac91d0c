# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the integration targets: ``python -m tools.integration [--target NAME] [--path action|module] [--quick]``.

A target is a role in ``tests/integration/targets``, laid out as ansible-test has it. Each runs twice with the real
``ansible-playbook``, in process (path C(action)) and as a packaged module (path C(module)), against a simulator that is
reset before it, or against the server of C(DOKPLOY_URL) and C(DOKPLOY_API_KEY). It takes longer to start
ansible-playbook and a simulator than to run a small target, so several targets share them: each is a play of its own,
on a host of its own, and one that fails does not keep the others from running. Beside what the target itself asserts:

* the module path must really run modules, and the action path must not (unless the target's file ``aliases`` says
  ``# runner: fallback``; a target with ``# runner: action`` runs on the action path only, and one with
  ``# runner: simulator`` on a simulator only; with C(--quick), only a target with ``# runner: both`` runs on
  both, and one with ``# runner: slow`` does not run; one with ``# runner: long`` shares nothing, and starts first; on
  a real server one with ``# runner: alone`` runs when all others have ended);
* both paths must give the same results, apart from what is new each time (ids, times, random suffixes);
* Ansible may print no warning that the target's file ``files/warnings.yml`` does not list, with a reason;
* no secret may stand anywhere in the output at C(-vvvv --diff): the tests' secrets all begin with C(s3cret-).

What a target is given is described in ``tests/integration/README.md``.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import itertools
import json
import os
import resource
import secrets
import shutil
import sys
from pathlib import Path

from tools import workspace
from tools.integration import playbook
from tools.integration.comparison import differences
from tools.integration.job import Job, cause, tail, too_old
from tools.integration.targets import PATHS, divided, has_note, paths, targets
from tools.workspace import CACHE, VENV


def own_folder(above: Path) -> Path:
    """A folder for this process alone; those of processes that have ended go, so that the last run's can be read."""
    for folder in above.glob("*"):
        if not (folder.name.isdigit() and Path("/proc", folder.name).exists()):
            shutil.rmtree(folder, ignore_errors=True)
    return above / str(os.getpid())


def batches(jobs: list[Job], count: int) -> list[list[Job]]:
    """The jobs that share a playbook and a server: at most C(count) batches of each path, and the long jobs alone.

    The long ones come first: one that starts last would use one core alone.
    """
    alone = [[job] for job in jobs if has_note(job.target, "long")]
    others = [[job for job in jobs if job.path == path and not has_note(job.target, "long")] for path in PATHS]
    return alone + [batch for of_path in others for batch in (of_path[n::count] for n in range(count)) if batch]


def number_of_batches(jobs: int, at_once: int) -> int:
    """How many playbooks the jobs of a path are divided among at most.

    A target takes longer on a real server than the start of its playbook, and is known as soon as it ends.
    """
    return jobs if os.environ.get("DOKPLOY_URL") else 2 * at_once


def phases(jobs: list[Job], at_once: int) -> list[tuple[list[Job], int]]:
    """The jobs that run beside each other, and how many at once.

    What a target shows of a whole instance would differ by what runs beside it on a real server.
    """
    alone = [job for job in jobs if os.environ.get("DOKPLOY_URL") and has_note(job.target, "alone")]
    together = [job for job in jobs if job not in alone]
    return [(some, number) for some, number in ((together, at_once), (alone, 1)) if some]


def report(job: Job, verbose: bool) -> None:
    """Print how a job has ended."""
    result = "FAILED" if job.problems else "ok"
    print(f"{job.target:<28} {job.path:<7} {job.seconds:6.1f} s  {result}", flush=True)
    if verbose and job.log.exists():
        print(job.log.read_text(errors="replace"), flush=True)


def as_json(jobs: list[Job], left_out: list[str]) -> str:
    """The runs that have ended, C(runs), and the targets C(left_out).

    Of a run, C(cause) is the message that ended it, C(too_old) what it went on without since the server is too old.
    """
    rows = [
        {
            "target": job.target,
            "path": job.path,
            "seconds": job.seconds,
            "problems": job.problems,
            "cause": cause(job),
            "too_old": too_old(job),
        }
        for job in jobs
    ]
    return json.dumps({"runs": rows, "left_out": left_out})


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Run the integration targets.")
    parser.add_argument("--target", action="append", default=[], metavar="NAME", help="only this one; repeatable")
    parser.add_argument("--path", choices=PATHS, help="only this way of running (then nothing is compared)")
    parser.add_argument("--quick", action="store_true", help="as modules only the targets that say so")
    parser.add_argument(
        # Many targets wait for simulated builds most of their time. A real server builds one application at a time.
        "--jobs",
        type=int,
        default=min(2, os.cpu_count() or 1) * (1 if os.environ.get("DOKPLOY_URL") else 2),
        help="runs at once (default: %(default)s)",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the runs, and the targets that were left out, there"
    )
    parser.add_argument("--list", action="store_true", help="only name the targets")
    parser.add_argument("-v", "--verbose", action="store_true", help="show each run's whole output")
    options = parser.parse_args()
    names = targets()
    if unknown := set(options.target) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    if options.list:
        print("\n".join(names))
        return 0
    if not names:
        print("There is no integration target.")
        return 1
    chosen, left_out = divided(options.target or names)
    for name in left_out:
        print(f"{name:<28} needs the simulator: not run", flush=True)
    base = own_folder(CACHE / "integration" / VENV.name.lstrip("."))
    token = secrets.token_hex(3)
    jobs = [
        Job(name, path, base / f"{name}-{path}-{token}", options.quick)
        for name in chosen
        for path in paths(name, options.path, options.quick)
    ]
    # Fills the memo of the settings before the threads ask for it.
    workspace.environment()
    ended: list[Job] = []
    numbers = itertools.count(1)
    for some, at_once in phases(jobs, options.jobs):
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            waiting = {
                pool.submit(playbook.run, batch, base / f"playbook-{next(numbers)}"): batch
                for batch in batches(some, number_of_batches(len(some), at_once))
            }
            for future in concurrent.futures.as_completed(waiting):
                for job in waiting[future]:
                    job.problems += [str(error)] if (error := future.exception()) else []
                    report(job, options.verbose)
                ended += waiting[future]
                if options.json:
                    options.json.write_text(as_json(ended, left_out))
    for name in chosen:
        pair = [job for job in jobs if job.target == name]
        if len(pair) == len(PATHS) and not any(job.problems for job in pair):
            pair[1].problems += differences(*pair)
    failed = [job for job in jobs if job.problems]
    for job in failed:
        print(f"\n--- {job.target}, path {job.path}")
        for problem in job.problems:
            print(f"  * {problem}")
        if job.log.exists() and not options.verbose:
            print(tail(job))
    if options.json:
        options.json.write_text(as_json(jobs, left_out))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"\n{len(jobs)} runs of {len(chosen)} targets, {len(failed)} failed; "
        f"{used.ru_utime + used.ru_stime:.0f} s of processor time"
    )
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
