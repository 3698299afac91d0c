# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the matrix plays: applications, their homes and their children, and each other resource by its example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from dokploy_simulator import Simulator
from tests.support.builders import PRIVATE_KEY, REFERENCE_NAMES
from tests.support.examples import child_example, example_of, named
from tests.support.operations import MANAGED, ManagedResource
from tests.support.strategies.documents import every_kind, places
from tests.support.whole_instance import INSTANCE, REMOVABLE, Item
from tests.system.fault_injection.task_runner import Scenario, Task, TaskRunner

HOME = {"project": "shop", "environment": "production"}
WEB = {**HOME, "application": "web"}
BUCKET = dict.fromkeys(("accessKey", "bucket", "region", "endpoint", "secretAccessKey"), "x")

PROJECT: Task = ("dokploy_project", {"name": "shop", "description": "A shop", "env": {"CURRENCY": "EUR"}})
STAGING: Task = ("dokploy_environment", {"project": "shop", "name": "staging", "env": {"TIER": "staging"}})

CHILDREN: dict[str, list[dict[str, Any]]] = {
    "domains": [
        {"host": "shop.example.com", "port": 80, "https": True, "certificate": "letsencrypt"},
        {"host": "www.example.com", "port": 80, "enabled": False},
    ],
    "mounts": [
        {"type": "volume", "name": "data", "path": "/data"},
        {"type": "file", "file_path": "a.conf", "content": "a = 1\n", "path": "/etc/a.conf"},
    ],
    "ports": [{"published_port": 8080, "target_port": 80, "publish_mode": "host"}],
    "redirects": [{"regex": "^http://(.*)", "replacement": "https://${1}", "permanent": True}],
    "basic_auth": [{"username": "staff", "password": "s3cret-pass"}],
    "schedules": [{"name": "cleanup", "cron": "30 3 * * *", "command": "true", "shell": "sh"}],
}
CHANGED_CHILDREN: dict[str, list[dict[str, Any]]] = {
    "domains": [
        {"host": "shop.example.com", "port": 8080, "https": False, "certificate": "none"},
        {"host": "new.example.com", "port": 80},
    ],
    "mounts": [
        {"type": "volume", "name": "data2", "path": "/data"},
        {"type": "file", "file_path": "a.conf", "content": "a = 2\n", "path": "/etc/a.conf"},
    ],
    "ports": [{"published_port": 8080, "target_port": 81, "publish_mode": "host"}],
    "redirects": [{"regex": "^http://(.*)", "replacement": "https://new/${1}", "permanent": False}],
    "basic_auth": [{"username": "staff", "password": "s3cret-other"}],
    "schedules": [{"name": "cleanup", "cron": "0 4 * * *", "command": "false", "shell": "sh"}],
}
APPLICATION: dict[str, Any] = {
    **HOME,
    "name": "web",
    "description": "The front",
    "docker": {"image": "nginx:1.27"},
    "env": {"LEVEL": "info", "NOTE": "two words"},
    "replicas": 2,
    "memory_limit": "128M",
    "labels": {"team": "shop"},
}


def others(sim: Simulator) -> None:
    """What another user has, and no one may touch."""
    made = sim.seed(project="theirs", applications=2, name="web-{}", domains=1, mounts=1, deployed=True)
    sim.execute("port.create", applicationId=made["applicationIds"][0], publishedPort=9000, targetPort=90)
    sim.act(destination="s3", **BUCKET)
    # What the example of a server logs in with.
    pair = {"privateKey": PRIVATE_KEY, "publicKey": "ssh-ed25519 A"}
    sim.execute("sshKey.create", name=REFERENCE_NAMES["SSH key"][0], organizationId="", **pair)


def existing(sim: Simulator) -> None:
    """The application of ``create``, and beside it one of another user's."""
    others(sim)
    play(sim, *CREATE)
    sim.seed(project="shop", applications=1, name="neighbour", domains=1, mounts=1)


def running(sim: Simulator) -> None:
    """The same, deployed."""
    existing(sim)
    play(sim, ("dokploy_deployment", WEB))


def full_house(sim: Simulator) -> None:
    """The same, with services of other kinds in staging."""
    running(sim)
    rows = sim.execute("project.all")
    (shop,) = [row for row in rows if row["name"] == "shop"]
    (staging,) = [row for row in shop["environments"] if row["name"] == "staging"]
    home = staging["environmentId"]
    sim.seed(project="shop", environment="staging", applications=1, name="web", deployed=True, domains=1)
    sim.execute("redis.create", name="cache", environmentId=home, databasePassword="p", dockerImage="redis:8")
    sim.execute("compose.create", name="stack", environmentId=home)


def play(sim: Simulator, *tasks: Task) -> None:
    """Tasks that must work."""
    for task in tasks:
        result = TaskRunner(sim).run(task)
        assert not result.get("failed"), result["msg"]
    sim.settle()


CREATE: tuple[Task, ...] = (PROJECT, STAGING, ("dokploy_application", {**APPLICATION, **CHILDREN}))
UPDATE: tuple[Task, ...] = (
    ("dokploy_project", {"name": "shop", "description": "Another shop", "env": {"CURRENCY": "CHF"}}),
    ("dokploy_environment", {"project": "shop", "name": "staging", "description": "For tests", "env": {"TIER": "s"}}),
    (
        "dokploy_application",
        {**APPLICATION, "env": {"LEVEL": "debug"}, "replicas": 3, "docker": {"image": "nginx:2"}, **CHANGED_CHILDREN},
    ),
)
CLEAR: tuple[Task, ...] = (
    ("dokploy_project", {"name": "shop", "description": "", "env": {}}),
    ("dokploy_environment", {"project": "shop", "name": "staging", "env": {}}),
    (
        "dokploy_application",
        {**HOME, "name": "web", "description": "", "env": {}, "memory_limit": "", "labels": {}}
        | {name: [] for name in CHILDREN},
    ),
)

# --- by example ------------------------------------------------------------------------------------------------------


def created(managed: ManagedResource) -> Task:
    """One of each child as well."""
    resource = managed.resource
    home = {listing.label: HOME[listing.label] for listing in resource.parents if not listing.optional}
    children: dict[str, list[dict[str, Any]]] = {}
    for child in resource.children:
        item = child_example(resource, child).item
        children[child.option] = [{**item, **({"destination": "s3"} if "destination" in item else {})}]
    return managed.operation.name, {
        **home,
        **managed.kind,
        **named(resource, "new"),
        **made_up(resource),
        **example_of(resource).item,
        **example_of(resource).existing,
        **children,
    }


def made_up(resource: Resource) -> dict[str, str]:
    """The secrets that the server makes up where they are left out, each time others."""
    return {
        one.name: "s3cret-pass"
        for one in resource.options
        if isinstance(one, Field) and one.secret and not one.mode_option and one.api in resource.creation.takes
    }


def changed(managed: ManagedResource) -> Task:
    """A text that is set, or where there is none a suboption, and the children removed."""
    module, options = created(managed)
    if not managed.resource.updating.procedure:
        options["replace"] = True
    every = [
        (path, one)
        for path, one, _group in managed.resource.fields()
        if one.codec.type in ("str", "bool")
        and not (one.needed or one.create_only or one.choices or one.secret or one.pattern or one.grammar)
        and not (one.name == managed.resource.name_option or one.reference)
    ]
    children: dict[str, Any] = {child.option: [] for child in managed.resource.children}
    if not every:
        return module, {**options, **example_of(managed.resource).other, **children}
    path, field = min(every, key=lambda found: (len(found[0]), found[1].codec.type != "str"))
    value: Any = "other" if field.codec.type == "str" else True
    if len(path) > 1:
        value = {**options.get(path[0], {}), path[1]: value}
    return module, {**options, path[0]: value, **children}


def removed(managed: ManagedResource) -> Task:
    module, options = created(managed)
    located = ("project", "environment", "type", managed.resource.name_option)
    address = {name: options[name] for name in located if name in options}
    return module, {"state": "absent", **address, **example_of(managed.resource).removal}


def beside(task: Task, sim: Simulator) -> None:
    existing(sim)
    play(sim, task)


def by_example() -> Iterator[Scenario]:
    """Each other resource; of several kinds one is created, another one is changed, and another one is removed."""
    for module in dict.fromkeys(one.operation.name for one in MANAGED):
        kinds = [one for one in MANAGED if one.operation.name == module and one.resource.creation.procedure]
        if kinds[0].name in ("project", "environment", "application"):
            continue
        for number, (word, task) in enumerate({"create": created, "update": changed, "delete": removed}.items()):
            one = kinds[number % len(kinds)]
            prepare = existing if word == "create" else partial(beside, created(one))
            if word == "update" and one.resource.creation.shown_once:
                # Its value is lost with the answer, so that another run cannot finish: tests/component/resources.
                continue
            yield Scenario(f"{word} {one}", (task(one),), prepare)


def many(items: Iterable[Item], state: str = "present") -> Task:
    """Many resources in one run."""
    return "whole_instance", {
        "items": [[module, {**options, "state": state}] for module, options in items],
        "fail": True,
    }


def by_itself(task: Task, sim: Simulator) -> None:
    play(sim, task)


def other_options(item: Item) -> Item:
    """The same resource with another value, where it has one that many have."""
    module, options = item
    described = {"description": "Changed"}
    others: dict[str, dict[str, Any]] = {
        "application": {"replicas": 3, "domains": []},
        "compose": described,
        "database": described,
    }
    return module, {**options, **others.get(module, {"env": {}} if "env" in options else {})}


def documented(most: int, **options: Any) -> Task:
    """A document with entries of every kind, with at most so many kinds of a section."""
    document = every_kind(most)
    for section, _place, _container, _key, entry in places(document):
        # In Traefik's file they have the numbers that domains have, by which these are compared.
        entry.pop("redirects", None)
        for resource in section.operation.resources:
            if section.kind == "database" and resource.kind == entry["type"]:
                entry.update({name: value for name, value in made_up(resource).items() if name not in entry})
    return "dokploy_manifest", {**document, "deploy": "never", **options}


def in_projects(*projects: dict[str, Any], **options: Any) -> Task:
    return "dokploy_manifest", {"projects": list(projects), "deploy": "never", **options}


RESET = in_projects(
    {
        "name": "shop",
        "environments": [
            {"name": "staging"},
            {"name": "production", "applications": [{"name": "web", "docker": {"image": "nginx:1.27"}}]},
        ],
    },
    unstated="default",
    reset_limit="100%",
)
MOVED = {"name": "site", "moved_from": "shop/production/web", "replicas": 3, "domains": CHANGED_CHILDREN["domains"]}
MOVE = in_projects(
    {
        "name": "store",
        "moved_from": "shop",
        "description": "Another shop",
        "environments": [{"name": "qa", "moved_from": "staging", "applications": [MOVED]}],
    }
)


def with_github(sim: Simulator) -> None:
    """What no document can create."""
    sim.act(git_provider="github", name="GitHub provider eins")


def filled(sim: Simulator) -> None:
    with_github(sim)
    play(sim, documented(2))


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("fill by a document", (documented(2),), with_github),
    Scenario(
        "prune by a document",
        (documented(1, prune=["database", "notification"], prune_limit="100%"),),
        filled,
    ),
    Scenario("reset by a document", (RESET,), existing),
    Scenario("rename and move by a document", (MOVE,), existing),
    Scenario("create many", (many(INSTANCE),)),
    Scenario("update many", (many(map(other_options, INSTANCE)),), partial(by_itself, many(INSTANCE))),
    Scenario("delete many", (many(REMOVABLE, "absent"),), partial(by_itself, many(INSTANCE))),
    Scenario("create", CREATE, others),
    Scenario("update", UPDATE, existing),
    Scenario("clear", CLEAR, existing),
    Scenario("delete application", (("dokploy_application", {**HOME, "name": "web", "state": "absent"}),), running),
    Scenario(
        "delete environment",
        (("dokploy_environment", {"project": "shop", "name": "staging", "state": "absent", "force": True}),),
        full_house,
    ),
    Scenario("delete project", (("dokploy_project", {"name": "shop", "state": "absent", "force": True}),), full_house),
    *by_example(),
)
