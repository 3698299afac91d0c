# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write facts.json, the simulator's table of procedures, from the recorded facts about Dokploy.

Usage: ``python -m dokploy_simulator.api.build_facts CONTRACT_DIR`` where CONTRACT_DIR holds ``versions.json`` and
``openapi-0.30.2.json``. The result is committed, so that a clone without those files works; ``tests/contract`` checks
that the two agree. ``facts.py`` adds what came after, which ``later_facts.py`` has.

A field is one text, ``<mark><type>[?][ since=X][ required=Y]``:

* mark ``+``: required by zod's ``.required()`` ("expected nonoptional, received undefined" when absent);
* mark ``!``: required by its own type ("expected string, received undefined");
* no mark: may be absent;
* type: a primitive (``string``, ``string1`` with at least one character, ``number``, ``boolean``, ``strings``) or a
  name in ``types``, a JSON schema with zod's own messages;
* ``?``: null is accepted;
* ``since``: the first stored release that accepts it, when that is later than 0.25.0;
* ``until``: the first one that does not accept it any more;
* ``required``: the first stored release that insists on it, when that differs from ``since``;
* ``once``: ``FIRST-UNTIL``, the releases that insisted on what the newest does not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .releases import MEASURED, NEWEST_MEASURED, version_key
from .rights import ACCESSED, LICENSED, RIGHTS
from .subscription_facts import RESTORED_TYPES, SUBSCRIPTIONS

BASE = (0, 25, 0)
# The first release with a router or a procedure that versions.json does not have (read in the source).
FIRST = {
    **dict.fromkeys(("vaultProvider", "dnsProvider", "dockerVolume"), "0.30.0"),
    **dict.fromkeys(("ai.testConnection", "ai.getEnabledProviders", "ai.analyzeLogs"), "0.29.0"),
    **dict.fromkeys(("docker.removeContainer", "docker.stopContainer"), "0.29.0"),
    **dict.fromkeys(("ai.getCustomProviders", "ai.saveCustomProviders"), "0.29.13"),
}
RENAMED = {"application.saveGitProdiver": {"to": "application.saveGitProvider", "until": "0.25.5"}}

DATABASES = ("postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
WHOLE_ROUTERS = (
    *(
        "project environment application deployment domain mounts port redirects security schedule "
        "volumeBackups patch destination backup network previewDeployment rollback compose notification "
        "gitProvider github gitlab bitbucket gitea registry sshKey certificates tag "
        "vaultProvider dnsProvider organization settings user licenseKey"
    ).split(),
    *DATABASES,
)
SINGLE = (
    "server.all server.withSSHKey server.buildServers server.count server.one server.create server.update "
    "server.remove server.getDefaultCommand server.setup server.validate server.security server.setupMonitoring "
    "server.updateBuildsConcurrency cluster.getNodes "
    "ai.one ai.get ai.getAll ai.create ai.update ai.delete ai.getModels ai.testConnection ai.getEnabledProviders "
    "ai.getCustomProviders ai.saveCustomProviders ai.analyzeLogs "
    "dockerVolume.getVolumes dockerVolume.getVolumeConfig dockerVolume.removeVolume "
    "docker.getServiceContainersByAppName docker.getContainersByAppNameMatch docker.getContainersByAppLabel "
    "docker.getConfig docker.getContainers docker.getStackContainersByAppName docker.stopContainer "
    "docker.removeContainer "
    "customRole.all customRole.getStatements customRole.membersByRole forwardAuth.status forwardAuth.enable "
    "forwardAuth.disable sso.showSignInWithSSO sso.enforceSSO stripe.getCurrentPlan stripe.getInvoices "
    "stripe.canCreateMoreServers whitelabeling.get whitelabeling.getPublic"
).split()

# Routers and procedures whose input is never coerced. That of notifications is in a process that has answered certain
# other requests before (measured), which a client cannot rely on.
STRICT = ("port", "notification", "user.assignPermissions", "settings.assignDomainServer")

# Columns that the database fills or that may be null are optional in the insert schema, so ".required()" reports them
# as "nonoptional". A nullable type tells that by itself; these do not show in the OpenAPI document.
EVENTS = (
    *("appBuildError", "databaseBackup", "dokployBackup", "volumeBackup", "dokployRestart"),
    *("appDeploy", "dockerCleanup", "serverThreshold"),
)
NONOPTIONAL = {
    **dict.fromkeys(
        (
            "application.saveEnvironment application.saveBuildType application.saveGithubProvider "
            "application.saveGitlabProvider application.saveBitbucketProvider application.saveGiteaProvider "
            "application.saveDockerProvider application.saveGitProvider"
        ).split(),
        ("applicationId", "buildType", "createEnvFile", "enableSubmodules"),
    ),
    "application.reload": ("appName", "applicationId"),
    "project.remove": ("projectId",),
    "port.update": ("portId",),
    **{
        f"notification.create{kind}": (*EVENTS, "accessToken")
        for kind in "Slack Telegram Discord Email Resend Gotify Ntfy Mattermost Lark Teams".split()
    },
    "ai.create": ("isEnabled",),
    "destination.remove": ("destinationId",),
    "destination.update": ("destinationId",),
    **dict.fromkeys(("backup.remove", "backup.update"), ("backupId",)),
    "network.create": ("name",),
    "domain.update": ("domainId",),
    "mounts.remove": ("mountId",),
    "redirects.create": ("permanent",),
    "redirects.update": ("redirectId", "permanent"),
    "security.update": ("securityId",),
    "server.create": ("serverType", "username"),
    "user.assignPermissions": (*RIGHTS, *ACCESSED),
    "server.update": ("serverType", "username"),
    **{
        f"{kind}.{verb}": (f"{kind}Id", "appName", "applicationStatus")
        for kind in DATABASES
        for verb in "changeStatus deploy reload rebuild saveEnvironment saveExternalPort saveExternalPorts".split()
    },
    "libsql.create": ("name", "appName", "environmentId", "databaseUser", "databasePassword", "sqldNode"),
}
# zod's own words for constraints that the OpenAPI document cannot express.
HOST = {
    "type": "string",
    "minLength": 1,
    "tooSmall": "Add a hostname",
    "custom": [
        ["^\\S(?:.*\\S)?$", "Domain name cannot have leading or trailing spaces"],
        [
            "^(?=.{1,253}$)(?:\\*\\.)?(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)"
            "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
            "Invalid domain name. Use only letters, numbers, hyphens and dots (e.g. example.com). "
            "Underscores are not allowed.",
        ],
    ],
}
APP_NAME_MESSAGE = "App name can only contain letters, numbers, dots, underscores and hyphens"
PASSWORD_MESSAGE = (
    "Password contains invalid characters. Please avoid: $ ! ' \" \\ / and space characters for database compatibility"
)
MESSAGES = {
    "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$": (
        "Volume name must start with a letter or number and contain only letters, numbers, dots, underscores and "
        "hyphens"
    ),
    "^--[a-zA-Z0-9-]+(=[a-zA-Z0-9._:/@-]+)?$": (
        "Invalid flag format. Must start with -- (e.g. --s3-sign-accept-encoding=false)"
    ),
    "^[a-zA-Z0-9._-]+$": APP_NAME_MESSAGE,
    "^[a-zA-Z0-9_-]+$": "Name can only contain letters, numbers, dashes and underscores",
    "^[a-zA-Z0-9._\\-/#]+$": "Invalid branch name",
    "^[a-zA-Z0-9@#%^&*()_+\\-=[\\]{}|;:,.<>?~`]*$": PASSWORD_MESSAGE,
}
# zod's own formats: what the check and the issue take from each.
FORMATS = {
    "uri": {"format": "url", "message": "Invalid URL"},
    "email": {"format": "email", "message": "Invalid email address"},
}
# The port of a server is a number that REST does not coerce (measured).
WORDS: dict[tuple[str, str], dict[str, Any]] = {
    ("user.createApiKey", "name"): {"tooBig": "Name must be at most 32 characters"},
    ("ai", "apiUrl"): {"message": "Please enter a valid URL"},
    ("server", "port"): {"coerced": False},
}
PRIMITIVES = {
    json.dumps({"type": "string"}): "string",
    json.dumps({"minLength": 1, "type": "string"}): "string1",
    json.dumps({"type": "number"}): "number",
    json.dumps({"type": "boolean"}): "boolean",
    json.dumps({"items": {"type": "string"}, "type": "array"}): "strings",
}


def served(name: str) -> bool:
    return name.partition(".")[0] in WHOLE_ROUTERS or name in SINGLE


def strip_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    nullable = False
    while "anyOf" in schema and {"type": "null"} in schema["anyOf"] and len(schema["anyOf"]) == 2:
        schema = next(item for item in schema["anyOf"] if item != {"type": "null"})
        nullable = True
    return schema, nullable


def _default(schema: dict[str, Any]) -> dict[str, Any]:
    return {"default": schema["default"]} if "default" in schema else {}


def dress(schema: dict[str, Any]) -> dict[str, Any]:
    """Add zod's messages and drop what only documents."""
    if schema.get("format") == "binary":
        return {}
    texts = FORMATS.get(schema.get("format", ""), {})
    schema = {key: value for key, value in schema.items() if key not in ("default", "format", "propertyNames")} | texts
    if schema.get("pattern") in MESSAGES:
        schema["message"] = MESSAGES[schema["pattern"]]
    if "oneOf" in schema:
        # Here a default is stored in place of what is absent.
        schema["oneOf"] = [
            {**variant, "properties": {name: dress(sub) | _default(sub) for name, sub in variant["properties"].items()}}
            for variant in schema["oneOf"]
        ]
    if isinstance(schema.get("items"), dict):
        schema["items"] = dress(schema["items"])
    if schema.get("maximum") == 65535 and schema["type"] == "number":
        schema["tooSmall"], schema["tooBig"] = "Port must be at least 1", "Port must be 65535 or below"
    return schema


class Types:
    """Names for schemas that are no primitives; equal schemas share a name."""

    def __init__(self) -> None:
        self.by_text: dict[str, str] = {}
        self.table: dict[str, Any] = {}

    def name(self, field: str, schema: dict[str, Any]) -> str:
        text = json.dumps(schema, sort_keys=True)
        if text in PRIMITIVES:
            return PRIMITIVES[text]
        if text not in self.by_text:
            name, number = field, 1
            while name in self.table or name in PRIMITIVES.values():
                number += 1
                name = f"{field}{number}"
            self.by_text[text] = name
            self.table[name] = schema
        return self.by_text[text]


def properties(operation: dict[str, Any]) -> tuple[dict[str, Any], set[str], str]:
    if "requestBody" in operation:
        (content_type, body), *_rest = operation["requestBody"]["content"].items()
        schema = body["schema"]
        return schema.get("properties", {}), set(schema.get("required", [])), content_type
    parameters = operation.get("parameters", [])
    return {p["name"]: p["schema"] for p in parameters}, {p["name"] for p in parameters if p.get("required")}, ""


def first(history: list[tuple[str, dict[str, Any]]], name: str, key: str, field: str) -> str | None:
    """The first stored release from which ``field`` stays in ``key`` of procedure ``name``."""
    since = None
    for version, procedures in history:
        if field in procedures.get(name, {}).get(key, ()):
            since = since or version
        else:
            since = None
    return since


def came(history: list[tuple[str, dict[str, Any]]], name: str) -> str | None:
    """The first release from which a procedure stays; None for a router of which no release is known."""
    since = FIRST.get(name) or FIRST.get(name.partition(".")[0])
    if since:
        return since
    for version, table in history:
        here = name in table and not table[name].get("renamed")
        since = (since or version) if here else None
    return since


def once(history: list[tuple[str, dict[str, Any]]], name: str, field: str) -> str | None:
    """From which stored release to which ``field`` was required, when the newest does not require it."""
    insisted = [field in procedures.get(name, {}).get("required", ()) for _version, procedures in history]
    if insisted[-1] or not any(insisted):
        return None
    last = len(insisted) - insisted[::-1].index(True)
    return f"{history[insisted.index(True)][0]}-{history[last][0]}"


def build(contract: Path) -> dict[str, Any]:
    document = json.loads((contract / f"openapi-{NEWEST_MEASURED}.json").read_text("utf-8"))
    versions = json.loads((contract / "versions.json").read_text("utf-8"))
    history = [(v.lstrip("v"), versions[v]) for v in sorted(versions, key=version_key)]
    for _version, table in history:
        for old, renamed in RENAMED.items():
            # What the old name insisted on, the new one does, so that its history is one.
            if old in table:
                table.setdefault(renamed["to"], {**table[old], "renamed": True})
    recorded = {name.split(".")[0] for _version, procedures in history for name in procedures}
    types, procedures = Types(), {}
    unserved: dict[str, dict[str, str]] = {"GET": {}, "POST": {}}
    for path, item in document["paths"].items():
        name = path[1:]
        ((method, operation),) = item.items()
        method = method.upper()
        if name in LICENSED:
            since = came(history, name)
            later = {"since": since} if since and version_key(since) > BASE else {}
            procedures[name] = {"method": method, **later, "fields": {}}
            continue
        if not served(name):
            unserved[method][name] = came(history, name) or ""
            continue
        fields, in_document, content_type = properties(operation)
        router = name.split(".")[0]
        now = history[-1][1].get(name)
        required = set(now["required"]) if now else in_document
        entry: dict[str, Any] = {"method": method}
        since = came(history, name)
        if since and version_key(since) > BASE:
            entry["since"] = since
        if fields.keys() == {"serverId"} and router == "settings" and not required:
            # The schema that they share may be absent as a whole (source).
            entry["optional"] = True
        if content_type == "multipart/form-data":
            entry["multipart"] = True
        if router in STRICT or name in STRICT:
            entry["coerce"] = False
        entry["fields"] = {}
        for field, schema in fields.items():
            schema, nullable = strip_null(schema)
            schema = (
                HOST
                if field == "host" and router == "domain"
                else dress(schema) | (WORDS.get((router, field)) or WORDS.get((name, field), {}))
            )
            mark = ""
            if field in required:
                mark = "+" if nullable or field in NONOPTIONAL.get(name, ()) else "!"
            text = mark + types.name(field, schema) + ("?" if nullable else "")
            if router in recorded:
                accepted, insisted = first(history, name, "accepted", field), first(history, name, "required", field)
                base = since or history[0][0]
                if accepted and accepted != base:
                    text += f" since={accepted}"
                if insisted and insisted != (accepted or base):
                    text += f" required={insisted}"
                earlier = once(history, name, field)
                if earlier:
                    text += f" once={earlier}"
            entry["fields"][field] = text
        procedures[name] = entry
    for name, fields in SUBSCRIPTIONS.items():
        later = {"since": "0.29.0"} if name.startswith("libsql.") else {}
        procedures[name] = {"method": "SUBSCRIPTION", **later, "fields": fields}
    return {
        "version": NEWEST_MEASURED,
        "releases": sorted({*MEASURED, *(version for version, _table in history)}, key=version_key),
        "types": dict(sorted({**types.table, **RESTORED_TYPES}.items())),
        "procedures": dict(sorted(procedures.items())),
        "unserved": {method: dict(sorted(names.items())) for method, names in unserved.items()},
        "renamed": RENAMED,
    }


def dump(facts: dict[str, Any]) -> str:
    """One line an entry, so that a diff shows what changed."""

    def block(name: str) -> str:
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in facts[name].items()]
        return f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }"

    parts = [f' "{name}": {json.dumps(facts[name])}' for name in ("version", "releases")]
    parts += [block(name) for name in ("types", "procedures", "unserved", "renamed")]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    target = Path(__file__).with_name("facts.json")
    target.write_text(dump(build(Path(sys.argv[1]))), "utf-8")
    print(target)


if __name__ == "__main__":
    main()
