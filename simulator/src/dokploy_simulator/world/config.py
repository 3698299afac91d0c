# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests may set about the simulated server and the world around it."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_args, get_origin, get_type_hints

from ..api import releases

CHOICES = {"profile": ("flat", "real"), "world": ("permissive", "strict")}
COMMAND_KEYS = frozenset(("command", "output", "result"))
RESULTS = ("done", "error")
RULE_KEYS = frozenset(
    "application compose database image branch "
    "seconds result log clone_seconds crash_after digest hash message killable services".split()
)


CONTAINER_STATES = ("running", "exited", "restarting", "unhealthy", "starting")
"""States of the containers of a compose that a test may set. The last two run, and their health check has failed or not
ended yet."""


def check_rule(rule: Any) -> None:
    """Raises ``ValueError`` for what means nothing in ``builds``."""
    if not isinstance(rule, dict):
        raise ValueError(f"a rule of builds is an object, got {rule!r}")
    unknown = sorted(rule.keys() - RULE_KEYS)
    if unknown:
        raise ValueError(f"a rule of builds has no {', '.join(unknown)}; it may have {', '.join(sorted(RULE_KEYS))}")
    result = rule.get("result", "done")
    if result not in RESULTS:
        raise ValueError(f"a rule's result is done or error, got {result!r}")
    for name in ("seconds", "clone_seconds", "crash_after"):
        if rule.get(name) is not None:
            check_type(f"{name} of a rule", rule[name], float)
    services = rule.get("services", {})
    if not isinstance(services, dict) or not all(state in CONTAINER_STATES for state in services.values()):
        raise ValueError(f"a rule's services are {{SERVICE: one of {', '.join(CONTAINER_STATES)}}}, got {services!r}")
    lines = rule.get("log", [])
    if not isinstance(lines, list):
        raise ValueError(f"a rule's log is a list of lines, got {lines!r}")
    for line in lines:
        if not isinstance(line, str) and not (isinstance(line, dict) and line.keys() == {"part"}):
            raise ValueError(f'a line of a rule\'s log is a text or {{"part": TEXT}}, got {line!r}')


def check_command(rule: dict[str, str]) -> None:
    """Raises ``ValueError`` for what means nothing in ``commands``."""
    if "command" not in rule or not rule.keys() <= COMMAND_KEYS or rule.get("result", "done") not in RESULTS:
        raise ValueError(
            f"a rule of commands has command, and may have output and result (done or error), got {rule!r}"
        )


def fits(value: Any, wanted: Any) -> bool:
    """Whether a value is of a type; a whole number is a ``float`` as well, a boolean is no number."""
    inner = get_args(wanted)
    if wanted is Any:
        return True
    if get_origin(wanted) is list:
        return isinstance(value, list) and all(fits(item, inner[0]) for item in value)
    if get_origin(wanted) is dict:
        return isinstance(value, dict) and all(fits(item, inner[1]) for item in value.values())
    if wanted in (int, float):
        return isinstance(value, (int, wanted)) and not isinstance(value, bool)
    return isinstance(value, wanted)


def check_type(name: str, value: Any, wanted: Any) -> None:
    """Raises ``ValueError`` for a value that is of another type, and for a number that is not finite or negative."""
    if not fits(value, wanted):
        raise ValueError(f"setting {name} wants {wanted if get_origin(wanted) else wanted.__name__}, got {value!r}")
    if wanted in (int, float) and not (math.isfinite(value) and value >= 0):
        raise ValueError(f"setting {name} wants a number from 0 on, got {value!r}")


@dataclass
class Config:
    """All seconds are real seconds; all defaults are fast, so that tests need not wait.

    ``scale_seconds`` is what start and stop take, ``block_seconds`` what a start takes that never comes to its end,
    ``linger_seconds`` how long the containers of a stopped or replaced task live on. ``converge_seconds`` is how long
    the deployment of a database waits for its tasks, 45 s on a real server from 0.30.5; 0: what a health check takes.
    ``unreachable_seconds`` is how long a backup or a list of files tries an endpoint that refuses; a real server takes
    90 s. ``restore_seconds`` and ``backup_seconds``: how long a restore takes, and a dump or a tar before its upload.
    ``early_restores``: so many restores meet a database in its first set-up.
    ``disk_free``: bytes that are free on the disk of Dokploy's host. ``own_database``: whether Dokploy's own database
    runs in a container, so that it can be backed up.
    ``registry_logins``: address of a registry -> username -> password; a registry that is not named takes every login.
    ``ssh_hosts``: ``ADDRESS:PORT`` of a server -> the private keys that it lets in, none when nothing listens; a server
    that is not named lets every key in. ``ssh_host_states``: ``ADDRESS:PORT`` -> what ``server.validate`` finds there
    other than after, or without, a set-up. ``setup_seconds``, ``setup_log`` and ``setup_fails``: how long the
    set-up of a server takes, what its script says, and whether it ends before it has installed anything.
    ``deploy_seconds`` is what the deployment of a database takes, its pull included.
    ``healthy_seconds`` is how long a task with a health check is ``Starting``.
    ``host_ports`` are ports of the host that something other than a container uses.
    ``builds`` is a list of rules, the first match wins: ``{"image": "nginx*"}``, ``{"branch": "slow"}``,
    ``{"application": "web"}``, ``{"compose": "shop"}`` or ``{"database": "db"}`` (shell patterns) with any of

    * ``seconds`` and ``result`` (``done`` or ``error``);
    * ``clone_seconds``: a clone takes so long before its build begins;
    * ``log``: what a pull or a build says in the middle, spread over its time. A text is a line of its own, or a line
      that the next one overwrites when it ends with a carriage return; ``{"part": TEXT}`` has no end of its own;
    * ``hash`` and ``message`` of the commit that a clone finds; ``digest`` of the image that a pull finds;
    * ``crash_after``: so many seconds after they came up, the service's containers begin to exit again and again. It
      counts for whatever starts the service: a build, a reload, a start, a rollback;
    * ``killable``: whether ``killBuild`` hits the build, whatever its type;
    * ``services`` of a compose: service -> the state of its containers (one of ``CONTAINER_STATES``).

    ``next_results`` is used up first: the results of the next builds, whatever they are.
    ``rolls_back``: Docker takes back an update whose containers do not stay up, as Dokploy's default tells it to.
    ``concurrency`` is the number of builds at once on one server; releases before 0.29.9 have one, on all servers.
    ``repeat_after``: a release before 0.29.9 builds what a restart has interrupted once more so long after it came up
    again; 0 is never (both was seen).
    ``commands`` is a list of rules for what schedules run, the first match wins: ``{"command": "backup*"}`` (a shell
    pattern) with ``output`` and/or ``result`` (``done`` or ``error``).
    ``repository_files`` is what every repository holds that ``patch.ensureRepo`` or a compose clones.
    ``traefik_seconds`` is how long a change of a domain, a redirect or a user has Traefik's files in hand, so that the
    last one of several at once is the only one that they keep; 0: they come one after the other.
    ``deadlock_seconds`` is how long the database lets transactions wait that have used up its connections.
    ``sign_in_seconds``: within so many seconds three requests sign in, and three sign up; 10 on a real server.
    ``server_ip`` is the public address that the first sign-up finds; ``own_service``: whether Dokploy and its database
    run as services of Docker, as the installer makes them; ``latest_version``: a newer release, if there is one;
    ``traefik_restart_seconds``: how long Traefik's container takes to be made again; ``unseen_ports``: ports of the
    host that are taken without Dokploy seeing it, so that a container of Traefik that publishes one does not start.
    ``fresh``: a server before its first sign-up. ``seeded``: one with the registries, keys, providers and projects of
    ``examples.py``, also after a reset.
    ``send_notifications``: custom notifications to an address on loopback are sent by HTTP, and not only kept.
    ``version_suffix``: what a fork of Dokploy has behind the release, such as ``-community.5``.
    ``invented_columns``: every row of an answer has columns that no release has.
    ``drop_fields`` maps a procedure to fields that a mutation accepts and silently does not store.
    ``world``: ``permissive`` lets every image and repository exist whose name has no ``missing`` in it; ``strict``
    knows only those of the recorded contract.
    """

    version: str = releases.NEWEST
    version_suffix: str = ""
    latency_ms: float = 0.0
    profile: str = "flat"
    gzip: bool = False
    keepalive_seconds: float = 5.0
    world: str = "permissive"
    build_seconds: float = 0.05
    row_delay: float = 0.02
    scale_seconds: float = 0.0
    converge_seconds: float = 0.0
    block_seconds: float = 86_400.0
    linger_seconds: float = 0.0
    unreachable_seconds: float = 0.0
    early_restores: int = 0
    restore_seconds: float = 0.0
    backup_seconds: float = 0.0
    disk_free: float = 1e15
    deploy_seconds: float = 0.0
    healthy_seconds: float = 0.0
    host_ports: list[int] = field(default_factory=list)
    builds: list[Any] = field(default_factory=list)
    next_results: list[str] = field(default_factory=list)
    commands: list[dict[str, str]] = field(default_factory=list)
    repository_files: dict[str, str] = field(default_factory=lambda: {"Dockerfile": "FROM scratch\n"})
    invented_columns: bool = False
    drop_fields: dict[str, list[str]] = field(default_factory=dict)
    concurrency: int = 1
    traefik_seconds: float = 0.0
    deadlock_seconds: float = 35.0
    rolls_back: bool = False
    own_database: bool = True
    registry_logins: dict[str, dict[str, str]] = field(default_factory=dict)
    ssh_hosts: dict[str, list[str]] = field(default_factory=dict)
    ssh_host_states: dict[str, dict[str, Any]] = field(default_factory=dict)
    setup_seconds: float = 0.0
    setup_log: list[str] = field(default_factory=lambda: ["Running as root\n", "9. Installing Railpack\n"])
    setup_fails: bool = False
    repeat_after: float = 0.0
    sign_in_seconds: float = 0.0
    server_ip: str = ""
    own_service: bool = True
    latest_version: str = ""
    traefik_restart_seconds: float = 0.0
    unseen_ports: list[int] = field(default_factory=list)
    send_notifications: bool = False
    admin_email: str = "admin@example.com"
    admin_password: str = "simulator"
    fresh: bool = False
    seeded: bool = False

    def change(self, values: dict[str, Any]) -> None:
        """Set some values. Raises ``ValueError`` for a name or a type that is not there."""
        known = get_type_hints(type(self))
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown setting {name}; there are: {', '.join(sorted(known))}")
            check_type(name, value, known[name])
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"setting {name} is one of {', '.join(CHOICES[name])}, got {value!r}")
        if "version" in values:
            releases.check_version(values["version"])
        for rule in values.get("builds", ()):
            check_rule(rule)
        for rule in values.get("commands", ()):
            check_command(rule)
        if not all(result in RESULTS for result in values.get("next_results", ())):
            raise ValueError(f"setting next_results is a list of done and error, got {values['next_results']!r}")
        if values.get("fresh", self.fresh) and values.get("seeded", self.seeded):
            raise ValueError("seeded needs an administrator, which a server that is fresh does not have")
        for name, value in values.items():
            setattr(self, name, value.lstrip("v") if name == "version" else value)

    def has(self, behaviour: str) -> bool:
        """Whether the release that is played behaves in this newer way (``releases.BEHAVIOURS``)."""
        return releases.has(self.version, behaviour)

    def restore(self, initial: Config) -> None:
        """Take over the settings of another one, in place."""
        for item in fields(self):
            setattr(self, item.name, deepcopy(getattr(initial, item.name)))

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "admin_password"}
