# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the two ways to run a target gave the same results, apart from what is new each time."""

from __future__ import annotations

import json
import re
from typing import Any

from tools.integration.job import Job

# New on every run, so compared as "something is there". Order matters: the specific before the general.
VOLATILE = (
    # With dashes in the name of a dump, with slashes in the log of rclone.
    (re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T :]\d\d[:-]\d\d([:-]\d\d([.-]\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    # As C(date) prints it, in the log of a backup.
    (re.compile(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\b"), "<time>"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "<commit>"),
    # Of an image, which is built anew.
    (re.compile(r"\bsha256:[0-9a-f]{64}\b"), "<digest>"),
    (re.compile(r"(?<=Container Up: )[0-9a-f]{12}\b"), "<container>"),
    # Of a template.
    (re.compile(r"-[0-9a-f]{6}(?=-127-0-0-1\.sslip\.io\b)"), "-<random>"),
    # The first of several generated hosts, in their order, is another one each time.
    (re.compile(r"(?<=127-0-0-1\.sslip\.io/)[^\s\"']+"), ""),
    # Of the settings.
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    # Of pairs of keys that the server generates.
    (re.compile(r"\bssh-(?:ed25519|rsa) AAAA[A-Za-z0-9+/]+=*"), "<public key>"),
    # What the server calls a preview: its application's name with one more suffix.
    (re.compile(r"(?<![\w-])preview(-[a-z0-9]+)+-[a-z0-9]{6}-[a-z0-9]{6}(?![\w-])"), "<preview>"),
    # What the server calls a service that was given no app_name, a certificate or a volume backup: random words.
    # Traefik's names begin with it and end with a number that no other domain has, and those of containers end with the
    # service, in a swarm after an underscore.
    (
        re.compile(
            r"(?<![\w-])(app|certificate|compose|volumeBackup|postgres|mysql|mariadb|mongo|redis|libsql)"
            r"(-[a-z0-9]+)+-[a-z0-9]{6}(?:-(?:router|router-websecure|service)-\d+|-\w+-\d+)?(?=_|(?![\w-]))"
        ),
        "<app>",
    ),
    (re.compile(r"\b(?:less than a|about an?|\d+) (?:second|minute|hour)s? ago"), "<ago>"),
    # A crash loop goes on between its second end and the next look.
    (re.compile(r"\b\d+(?= of its tasks have ended)"), "<count>"),
    # The ID of a plan, which is a digest of names as well.
    (re.compile(r"(?<![\w-])[0-9a-f]{16}(?![\w-])"), "<plan>"),
    # Of a container in a swarm.
    (re.compile(r"(?<=\.)[a-z0-9]{25}(?!\w)"), "<task>"),
    # Records, and users.
    (re.compile(r"(?<![\w-])(?:[\w-]{21}|[A-Za-z0-9]{32})(?![\w-])"), "<id>"),
    (re.compile(r"(?<=[a-z0-9])-[a-z0-9]{6}(?=(?:-data)?(?![\w-]))"), "-<suffix>"),
)
# What differs by the way a task ran, the job of an asynchronous one, how long something took, and what there was at the
# moment of a handle.
LEFT_OUT = re.compile(
    r"^(_ansible_.*|invocation|deprecations|attempts|exception|failed_when_suppressed_exception|duration|.*seconds|log_path"
    r"|handle|ansible_job_id|results_file)$"
)


# On a real server a log has as many lines as were written by the moment at which it was read, others have domains, and
# other targets make what a document does not state.
LOGS = ("log", "logs", "lines")
# The key of a task of Docker's: how many have ended, and in which state they are, is of the moment as well.
TASK_KEY = "desired_state"
LOG_IN_MESSAGE = re.compile(r"(?<=The end of )[^\n]*:\n.*", re.DOTALL)
# What others have made is among the names that a mistake lists.
NAMES_IN_MESSAGE = re.compile(r"(?<=\. There are: )'[^.]*'(?=\.|\Z)")
# How far a container is when it is given up.
STATE_IN_MESSAGE = re.compile(r"\b[A-Z][a-z]+ (?=<ago>)")
DOMAIN_OF_ANOTHER = re.compile(r" already has a domain with host ")
NOT_IN_DOCUMENT = re.compile(r"\n*\d+ not in the document:\n\n(?:- .*\n?)+")
# Of a deployment, Dokploy stores what tells its commit after the status.
DEPLOYMENT, OF_COMMIT = "deployment_id", {"title", "description", "commit"}
# Docker's tag of what can be rolled back to counts the deployments.
ROLLBACK_TAG = re.compile(r"(?<=/<app>:)v\d+")
SIZE_IN_MESSAGE = re.compile(r"\b\d+(?= bytes\b)|(?<=\bsize: )\d+")
OF_A_TARGET = re.compile(r"\bit-[\w-]+-(?:action|module)-[0-9a-f]{6}\b")
OF_THE_MOMENT = (
    (SIZE_IN_MESSAGE, "<size>"),
    (ROLLBACK_TAG, "<version>"),
    (NAMES_IN_MESSAGE, "<names>"),
    (STATE_IN_MESSAGE, "<state> "),
)


def comparable(job: Job) -> list[str]:
    """The recorded results as lines, without what is new on every run."""
    variables = json.loads((job.folder / "vars.json").read_text())

    def text(value: str) -> str:
        # Users find their names in any case, the server makes a name for the services of a template of it, and an
        # export the names of variables.
        for prefix in (job.prefix, job.prefix.replace("-", ""), job.prefix.replace("-", "_")):
            value = re.sub(re.escape(prefix), "<prefix>", value, flags=re.IGNORECASE)
        value = value.replace(variables["dokploy_url"], "<url>")
        value = re.sub(r"127\.0\.0\.1:\d+", "<host>", value)
        value = value.replace(str(job.folder), "<folder>")
        # That of the playbook of several targets.
        value = re.sub(r"[\w./-]*/playbook-\d+(?=/)", "<folder>", value)
        for pattern, name in VOLATILE:
            value = pattern.sub(name, value)
        if real:
            for pattern, name in OF_THE_MOMENT:
                value = pattern.sub(name, value)
        return value

    real = not variables.get("dokploy_simulator")

    def is_task(item: Any) -> bool:
        return isinstance(item, dict) and TASK_KEY in item

    def is_of_another(item: Any) -> bool:
        """Whether another target has made what a list has."""
        return isinstance(item, dict) and bool(OF_A_TARGET.search(said := json.dumps(item))) and job.prefix not in said

    def of_the_moment(key: str, value: Any) -> Any:
        """A value of a real server without what depends on the moment and on others."""
        if key in LOGS and isinstance(value, list):
            return "<lines>"
        if key == "tasks" and isinstance(value, list) and all(map(is_task, value)):
            return sorted({item["name"] for item in value})
        if key == "msg" and isinstance(value, str):
            return LOG_IN_MESSAGE.sub("<lines>", value)
        if key == "text" and isinstance(value, str):
            return NOT_IN_DOCUMENT.sub("\n", value)
        if key == "unmanaged" and isinstance(value, list):
            # Dokploy lists records in the order in which its database has them.
            return sorted((item for item in value if job.prefix in json.dumps(item)), key=json.dumps)
        if (key == "size" and isinstance(value, int)) or (key in ("counts", "queue") and isinstance(value, dict)):
            # A dump has its time, an instance what others make, and its queue what others deploy.
            return f"<{key}>"
        if key == "replicas_running" and isinstance(value, int):
            # Of a service that crashes, it is another one each second.
            return "<count>"
        if key == "warnings":
            return [warning for warning in value if not DOMAIN_OF_ANOTHER.search(warning)]
        return value

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: item for key, item in value.items() if not LEFT_OUT.match(key)}
            if real:
                moving = OF_COMMIT if DEPLOYMENT in kept else set()
                kept = {key: of_the_moment(key, item) for key, item in kept.items() if key not in moving}
            content = {text(key): plain(item) for key, item in kept.items() if key != "warnings" or item}
            if isinstance(content.get("domains"), list):
                # They are listed by their hosts, which a template makes up.
                content["domains"].sort(key=lambda item: json.dumps(item, sort_keys=True))
            return content
        if isinstance(value, list):
            return [plain(item) for item in value if not (real and is_of_another(item))]
        return text(value) if isinstance(value, str) else value

    return [json.dumps(plain(row), sort_keys=True) for row in job.rows()]


def differences(action: Job, module: Job) -> list[str]:
    """Where the two paths of one target gave different results; the first of them."""
    left, right = comparable(action), comparable(module)
    for number, (in_process, packaged) in enumerate(zip(left, right, strict=False), 1):
        if in_process != packaged:
            at = next(
                (i for i, (a, b) in enumerate(zip(in_process, packaged, strict=False)) if a != b),
                min(len(in_process), len(packaged)),
            )
            start = max(0, at - 80)
            return [
                f"result {number} ({json.loads(in_process)['task']}) differs by path:"
                f"\n      action: ...{in_process[start : at + 160]}\n      module: ...{packaged[start : at + 160]}"
            ]
    if len(left) != len(right):
        return [f"{len(left)} results in process, {len(right)} as modules"]
    return []
