# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A valid example of each resource and each child: what no description says of it.

A new resource or child adds one entry to ``EXAMPLES``; all generic tests start from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import desire
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from tests.support.builders import REFERENCE_NAMES
from tests.support.certificates import CERTIFICATES, KEYS
from tests.support.host import Host
from tests.support.operations import OUTSIDE, ManagedResource
from tests.support.snapshots import table_of
from tests.support.ssh_keys import SSH_KEYS, public_part
from tests.support.strategies.resource_params import SECRET_MARK

Options = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """A valid one.

    :param item: the options that are needed, the natural key of a child as well.
    :param existing: of a resource: further options of one that exists, so that all that is shown of it can be stated.
    :param variants: of a child, by option: the item beside which that option has an effect.
    :param keys: of a child: values of the parts of its natural key. They are few, so that generated lists overlap.
    :param resets: of a resource: the columns that an option resets.
    :param columns: of a resource: what its creation sends beside its options.
    :param other: of a resource that has no text that is not needed: another value of an option.
    :param event: of a resource that no procedure creates: what a user does that creates it.
    :param leaves: what else its writes change: tables of the simulator.
    :param removal: of a resource: the options that its removal needs.
    :param naming: of a resource: the form of its name.
    :param apart: options that are left out where all are stated at once, since they exclude others; of a child those
        that cannot change alone.
    """

    item: Mapping[str, Any] = field(default_factory=dict)
    existing: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    leaves: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    event: Mapping[str, str] = field(default_factory=dict)
    resets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)
    removal: Mapping[str, Any] = field(default_factory=dict)
    naming: str = "{}"

    def beside(self, option: str) -> Options:
        """The item beside which an option is stated."""
        return dict(self.variants.get(option, self.item))


_CRON = "0 3 * * *"
_VOLUME = {"path": "/data", "type": "volume", "name": "data"}
_FILE = {"path": "/data", "type": "file", "file_path": "f"}
_SQL = {"database": "shop", "user": "shop"}
_SCHEDULE = {"name": "n", "cron": _CRON, "command": "c"}
_VOLUME_BACKUP = {"name": "n", "volume": "data", "destination": REFERENCE_NAMES["destination"][0], "cron": _CRON}
_DUMP = {
    "destination": REFERENCE_NAMES["destination"][0],
    "prefix": "daily",
    "database_name": "shop",
    "cron": _CRON,
}
# Tests that look for a key among rows do not know the IDs of what it refers to.
_DUMP_KEYS = {
    "destination": (_DUMP["destination"],),
    "prefix": ("daily", "a/größer"),
    "database_name": ("shop", "blog"),
}
_LOGINS = {
    "postgres": {"user": "shop"},
    "mysql": {"root_password": SECRET_MARK},
    "mariadb": {"user": "shop", "password": SECRET_MARK},
    "mongo": {"user": "shop", "password": SECRET_MARK},
}
_DUMP_OF_STACK = {"service": "db", "database_type": "postgres", "postgres": _LOGINS["postgres"]}
# What each kind of notification needs.
_HOOK = {"webhook_url": f"https://hooks.example.com/{SECRET_MARK}"}
_MAIL = {"from_address": "dokploy@example.com", "to_addresses": ["a@example.com"]}
_RECEIVERS: dict[str, Options] = {
    **dict.fromkeys(("slack", "discord", "mattermost", "lark", "teams"), _HOOK),
    "telegram": {"bot_token": SECRET_MARK, "chat_id": "1"},
    "email": {"smtp_server": "smtp.example.com", "username": "u", "password": SECRET_MARK, **_MAIL},
    "resend": {"api_key": SECRET_MARK, **_MAIL},
    "gotify": {"server_url": "https://gotify.example.com", "app_token": SECRET_MARK},
    "ntfy": {"server_url": "https://ntfy.example.com", "topic": "t"},
    "custom": {"endpoint": f"https://hooks.example.com/{SECRET_MARK}"},
    "pushover": {"user_key": SECRET_MARK, "api_token": SECRET_MARK},
}
_VAULTS: dict[str, Options] = {
    "aws": {"region": "r", "access_key_id": SECRET_MARK, "secret_access_key": SECRET_MARK},
    "aws_parameter_store": {"region": "r", "access_key_id": SECRET_MARK, "secret_access_key": SECRET_MARK},
    "azure": {
        "vault_uri": "https://vault.example.com",
        "tenant_id": "t",
        "client_id": "c",
        "client_secret": SECRET_MARK,
    },
    "doppler": {"service_token": SECRET_MARK},
    "hashicorp": {"url": "https://vault.example.com", "token": SECRET_MARK},
    "infisical": {"client_id": "c", "client_secret": SECRET_MARK, "project_id": "p", "environment_slug": "e"},
    "phase": {"token": SECRET_MARK, "app_id": "a", "environment": "e"},
    "scaleway": {"project_id": "p", "secret_key": SECRET_MARK},
}
_ZONES: dict[str, Options] = {
    "cloudflare": {"api_token": SECRET_MARK},
    "route53": {"access_key_id": "A", "secret_access_key": SECRET_MARK},
    "porkbun": {"api_key": "A", "secret_api_key": SECRET_MARK},
    "infomaniak": {"api_token": SECRET_MARK},
    "ovh": {"application_key": "A", "application_secret": SECRET_MARK, "consumer_key": SECRET_MARK},
}
_TRAEFIK = frozenset(["traefik", "middlewares"])
# The services to which domains and networks of a stack belong.
STACK = "services:\n  web:\n    image: nginx\n  db:\n    image: postgres:17\n"
_STACK_FILE = {"file_path": "f"}
# By the label of the resource, or by the child's option, or by both where its parent makes a difference.
EXAMPLES: dict[str, Example] = {
    "project": Example(leaves=frozenset(["project_tags"])),
    "environment": Example(),
    # A fresh application has a source that is not shown.
    # What it states goes into other options.
    "application": Example(existing={"docker": {"image": "nginx"}}, apart=frozenset(["runs"])),
    "postgres database": Example(_SQL),
    "mysql database": Example(_SQL),
    "mariadb database": Example({**_SQL, "image": "mariadb:11"}),
    "mongo database": Example({"user": "shop", "image": "mongo:8"}),
    "redis database": Example(),
    "libsql database": Example({"user": "shop"}),
    "destination": Example({"bucket": "backups", "access_key": SECRET_MARK, "secret_access_key": SECRET_MARK}),
    "registry": Example({"url": "registry.example.com", "username": "u", "password": SECRET_MARK}),
    "certificate": Example(
        {"certificate": CERTIFICATES[0], "private_key": KEYS[0]}, other={"certificate": CERTIFICATES[1]}
    ),
    "tag": Example(),
    "user": Example({"password": SECRET_MARK, "role": "member"}, naming="{}@example.com", leaves=frozenset(["users"])),
    "organization": Example(leaves=frozenset(["members"]), removal={"force": True}),
    # Its value is in the result of its creation only.
    "API key": Example({"include_secrets": True}),
    "network": Example(),
    "SSH key": Example({"private_key": SSH_KEYS[0]}, columns={"publicKey": public_part("one")}),
    **{f"{kind} git provider": Example({kind: {}}) for kind in ("gitea", "gitlab")},
    # Its address cannot be cleared.
    "bitbucket git provider": Example({"bitbucket": {}}, existing={"bitbucket": {"email": "a@example.com"}}),
    "github git provider": Example({"github": {}}, event={"git_provider": "github"}),
    **{f"{kind} vault provider": Example({kind: item}) for kind, item in _VAULTS.items()},
    **{f"{kind} DNS provider": Example({kind: item}) for kind, item in _ZONES.items()},
    "AI provider": Example({"url": "https://ai.example.com", "model": "m"}),
    **{f"{kind} notification": Example({kind: item}) for kind, item in _RECEIVERS.items()},
    # What older releases cannot change is not set.
    "server": Example(
        {"ip_address": "192.0.2.7", "ssh_key": REFERENCE_NAMES["SSH key"][0]}, existing={"docker_cleanup": False}
    ),
    # Of a randomized stack the services have other names.
    "compose": Example(
        existing={"raw": {"content": STACK}}, apart=frozenset(["randomize"]), resets={"raw": ("composePath",)}
    ),
    "compose.domains": Example(
        {"host": "a.example.com", "service": "web"},
        variants={"certificate": {"host": "a.example.com", "service": "web", "certificate_resolver": "le"}},
    ),
    "compose.schedules": Example({**_SCHEDULE, "service": "web"}),
    "compose.volume_backups": Example({**_VOLUME_BACKUP, "service": "web"}),
    "compose.mounts": Example(_STACK_FILE, leaves=frozenset(["files", "folders"])),
    # Those of the server itself.
    "Dokploy host.schedules": Example({"name": "n", "cron": _CRON, "script": "true"}),
    "web server.backups": Example({name: _DUMP[name] for name in ("destination", "prefix", "cron")}),
    "domains": Example(
        {"host": "a.example.com"},
        variants={"certificate": {"host": "a.example.com", "certificate_resolver": "le"}},
        keys={"host": ("a.example.com", "b.example.com"), "path": ("/", "/x")},
        leaves=_TRAEFIK,
    ),
    "mounts": Example(
        _VOLUME,
        variants={
            "type": {**_VOLUME, "host_path": "/h", "file_path": "f"},
            "host_path": {"path": "/data", "type": "bind", "host_path": "/h"},
            **dict.fromkeys(("file_path", "content", "src"), _FILE),
        },
        # Files get in each other's way where one's name is another one's folder.
        keys={"path": ("/a", "/b/c"), "file_path": ("f", "g h", "sub/größer")},
        leaves=frozenset(["files", "folders"]),
    ),
    "ports": Example({"published_port": 8080, "target_port": 80}, keys={"published_port": (80, 8080)}),
    "redirects": Example(
        {"regex": "^/a$", "replacement": "/b"}, keys={"regex": ("^/a$", "^/größer (.*)$")}, leaves=_TRAEFIK
    ),
    "basic_auth": Example(
        {"username": "u", "password": SECRET_MARK}, keys={"username": ("u", "größer")}, leaves=_TRAEFIK
    ),
    "schedules": Example(_SCHEDULE, keys={"name": ("nightly", " größer ")}),
    "volume_backups": Example(_VOLUME_BACKUP, keys={"name": ("daily", "größer")}),
    "backups": Example(_DUMP, keys=_DUMP_KEYS),
    "compose.backups": Example(
        {**_DUMP, **_DUMP_OF_STACK},
        variants={
            name: {**_DUMP, "service": "db", "database_type": name, name: login} for name, login in _LOGINS.items()
        },
        keys={**_DUMP_KEYS, "service": ("db",)},
        apart=frozenset(["database_type"]),
    ),
    "patches": Example({"path": "a.txt", "content": "x"}, keys={"path": ("Dockerfile", "src/größer a.txt")}),
}

# What stands beside an option, or one of its parts, that cannot stand alone.
COMPANIONS: dict[str, Options] = {
    "preview.certificate": {"certificate_resolver": "le"},
    "rate_limit": {"rate_limit_window": 60},
    "rate_limit_window": {"rate_limit": 100},
    "refill_amount": {"refill_interval": 60, "remaining": 5},
    "refill_interval": {"refill_amount": 5, "remaining": 5},
    "template.base_url": {"id": "none"},
    "pushover.priority": {"retry": 60, "expire": 3600},
    "node": {"primary_url": "http://primary:5001"},
    "mariadb.user": {"password": "any"},
    "mariadb.password": {"user": "any"},
    "mongo.user": {"password": "any"},
    "mongo.password": {"user": "any"},
    "ipv4": {"ipv6": True},
    "ulimits.soft": {"hard": 2**53 - 1},
    "ulimits.hard": {"soft": 0},
}
# What a needed part, or a needed suboption of a source, is where it is not the one that is looked at.
REQUIRED_VALUES: dict[str, Any] = {
    "spread": "node.labels.rack",
    "architecture": "amd64",
    "os": "linux",
    "target": "backend",
    "target_port": 80,
    "published_port": 8088,
    "name": "nofile",
    "soft": 1024,
    "type": "replicated",
    "owner": "acme",
    "repository": "shop",
    "branch": "main",
    "subnet": "10.1.0.0/24",
    "image": "nginx",
    "content": STACK,
    "service": "web",
    **{
        name: value
        for item in (*_RECEIVERS.values(), *_VAULTS.values(), *_ZONES.values())
        for name, value in item.items()
    },
    "api_token": SECRET_MARK,
    # That of a repository serves a vault, too.
    "url": "https://git.example.com/a.git",
    "project": "shop",
}


def required_value(option: str) -> Any:
    """What is needed beside the option that a test looks at.

    :raises LookupError: no value is known.
    """
    if option not in REQUIRED_VALUES:
        raise LookupError(
            f"{option} is needed beside other options, and tests know no value of it: add one to REQUIRED_VALUES in"
            " tests/support/examples.py"
        )
    return REQUIRED_VALUES[option]


def example_of(resource: Resource) -> Example:
    return EXAMPLES.get(resource.label, Example())


def named(resource: Resource, name: str) -> Options:
    """The option that names a resource."""
    return {resource.name_option: example_of(resource).naming.format(name)}


def child_example(resource: Resource, child: Child) -> Example:
    return EXAMPLES.get(f"{resource.label}.{child.option}") or EXAMPLES.get(child.option, Example())


def create(host: Host, managed: ManagedResource, name: str, homes: Mapping[str, str]) -> str:
    """Create one as its example says, by the API, and return its ID.

    :param homes: the IDs that it can be in, by C(projectId) and C(environmentId).
    """
    resource, example = managed.resource, example_of(managed.resource)
    if example.event:
        return str(host.sim.act(**example.event, name=name)[resource.id_key])
    wanted = desire(resource, {**named(resource, name), **example.item, **example.existing})
    body = {want.field.api: _id_of(host, want.field, want.value) for want in wanted.fields}
    # What can be in none is in none.
    home = {key: homes[key] for key in (resource.parent_key,) if key and key in homes}
    takes = {key: value for key, value in body.items() if key in resource.creation.takes}
    home.update(
        {one.api: one.qualifies(Reads(host.api())) for _path, one, _group in resource.fields() if one.qualifies}
    )
    whole = {**resource.creation.defaults, **example.columns, **home, **takes}
    host.call(resource.creation.procedure, **resource.body({**whole, **resource.creation.implied(whole)}))
    row = resource.listing.flat(next(reversed(table_of(host.sim.server.store, resource).rows.values())))
    if later := {key: value for key, value in body.items() if key not in resource.creation.takes}:
        update(host, resource, row, later)
    return str(row[resource.id_key])


def create_missing(host: Host) -> None:
    """Create one of each kind of records outside of projects of which the server has none."""
    for managed in OUTSIDE:
        if not table_of(host.sim.server.store, managed.resource).rows:
            create(host, managed, managed.name, {})


def _id_of(host: Host, field: Field, value: Any) -> Any:
    """A value with an ID instead of the name of what it refers to."""
    listing = field.reference
    if listing is None:
        return value
    rows = listing.rows(host.read(listing.procedures[-1]))
    return next(row[listing.id_key] for row in rows if row[listing.name_key] == value)


def update(host: Host, resource: Resource, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write values by the API; C(row) is the one before."""
    always = {key: value if row[key] is None else row[key] for key, value in resource.updating.always_sent.items()}
    host.call(
        resource.updating.procedure, **{**resource.body({**always, **values}), **resource.own(row[resource.id_key])}
    )
