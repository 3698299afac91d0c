# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What releases after the recorded document have: no server of theirs was measured. ``facts.raw_facts`` adds it.

Read in the tables that Dokploy generates for its command line (0.30.6, 0.30.7) and its MCP server (0.30.2, 0.30.5,
0.30.7), and in single files of its source. The document does not tell the types of a vault, which the source does.
"""

from __future__ import annotations

from typing import Any

# The releases that changed a procedure, a field or a behaviour, and the last one whose changes are known.
RELEASES = ("0.30.3", "0.30.5", "0.30.6", "0.30.8")

# Played ones.
PROCEDURES: dict[str, dict[str, Any]] = {
    "network.resync": {"method": "POST", "since": "0.30.3", "fields": {"networkId": "!string1"}},
    "project.completeOnboarding": {"method": "POST", "since": "0.30.5", "fields": {}},
    "project.onboardingStatus": {"method": "GET", "since": "0.30.5", "fields": {}},
    "server.getServices": {"method": "GET", "since": "0.30.5", "fields": {"serverId": "!string1"}},
}
UNSERVED: dict[str, dict[str, str]] = {
    "GET": {"stripe.getBillingStatus": "0.30.5"},
    "POST": {"application.deployNginxQuickstart": "0.30.5", "stripe.startFreeTrial": "0.30.5"},
}
# Fields of procedures that are recorded: new ones, and recorded ones with another text.
FIELDS: dict[str, dict[str, str]] = {
    **dict.fromkeys(("compose.deploy", "compose.redeploy"), {"freshVolumes": "boolean since=0.30.5"}),
    **{
        f"notification.{verb}{kind}": {"serverThreshold": f"{mark}boolean since=0.30.5"}
        for verb, mark in (("create", "+"), ("update", ""))
        for kind in ("Gotify", "Ntfy")
    },
    "domain.validateDomain": {"serverIp": "string until=0.30.3", "serverId": "string since=0.30.3"},
    **dict.fromkeys(
        ("dnsProvider.createRecord", "dnsProvider.updateRecord"),
        {"type": "!recordType", "proxied": "boolean since=0.30.5"},
    ),
    "dnsProvider.create": {"config": "!dnsConfig"},
    "dnsProvider.update": {"config": "!dnsConfig"},
    "dnsProvider.testConnection": {"config": "dnsConfig"},
    "vaultProvider.create": {"config": "!vaultConfig"},
    "vaultProvider.update": {"config": "!vaultConfig"},
    "vaultProvider.testConnection": {"config": "vaultConfig"},
}

_TEXT = {"type": "string", "minLength": 1}
_URL = {"type": "string", "format": "url", "message": "Invalid URL"}


def _settings(kind: str, required: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    properties = {"providerType": {"type": "string", "const": kind}, **required, **optional}
    return {"type": "object", "properties": properties, "required": ["providerType", *required]}


PHASE = _settings(
    "phase",
    {"token": _TEXT, "appId": _TEXT, "env": _TEXT},
    {"path": {"type": "string", "default": "/"}, "apiUrl": {**_URL, "default": "https://api.phase.dev"}},
)
PARAMETER_STORE = _settings(
    "aws-parameter-store",
    {"region": _TEXT, "accessKeyId": _TEXT, "secretAccessKey": _TEXT},
    {
        "endpoint": _URL,
        "parameterPath": {"type": "string", "custom": [["^(?:/.*)?$", "parameterPath must start with /"]]},
    },
)
PORKBUN = _settings("porkbun", {"apiKey": _TEXT, "secretApiKey": _TEXT}, {})
INFOMANIAK = _settings("infomaniak", {"apiToken": _TEXT}, {})
OVH_ENDPOINTS = ["ovh-eu", "ovh-ca", "ovh-us", "kimsufi-eu", "kimsufi-ca", "soyoustart-eu", "soyoustart-ca"]
OVH = _settings(
    "ovh",
    {"applicationKey": _TEXT, "applicationSecret": _TEXT, "consumerKey": _TEXT},
    {"endpoint": {"type": "string", "enum": OVH_ENDPOINTS, "default": "ovh-eu"}},
)


def _with(union: dict[str, Any], *more: dict[str, Any]) -> dict[str, Any]:
    return {**union, "oneOf": [*union["oneOf"], *more]}


def types(record_type: dict[str, Any], vault: dict[str, Any], dns: dict[str, Any]) -> dict[str, Any]:
    """The new types by the recorded ones, that of a record in a zone and those of the settings of a vault and of a DNS
    provider; what they were before is in ``releases.ONCE``."""
    with_phase, with_porkbun = _with(vault, PHASE), _with(dns, PORKBUN)
    return {
        "recordType": {**record_type, "enum": ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "PTR"]},
        "recordTypeOnce": record_type,
        "dnsConfig": _with(with_porkbun, INFOMANIAK, OVH),
        "dnsConfigPorkbun": with_porkbun,
        "dnsConfigOnce": dns,
        "vaultConfig": _with(with_phase, PARAMETER_STORE),
        "vaultConfigPhase": with_phase,
        "vaultConfigOnce": vault,
    }


def add(facts: dict[str, Any]) -> None:
    """Put all of it into the table that was made of what is recorded."""
    table = facts["procedures"]
    recorded = [
        facts["types"].pop(table[name]["fields"][field].lstrip("+!"))
        for name, field in (
            ("dnsProvider.createRecord", "type"),
            ("vaultProvider.create", "config"),
            ("dnsProvider.create", "config"),
        )
    ]
    facts["types"] = dict(sorted({**facts["types"], **types(*recorded)}.items()))
    for name, fields in FIELDS.items():
        table[name]["fields"] |= fields
    facts["procedures"] = dict(sorted({**table, **PROCEDURES}.items()))
    facts["unserved"] = {
        method: dict(sorted({**procedures, **UNSERVED[method]}.items()))
        for method, procedures in facts["unserved"].items()
    }
    facts["releases"] += RELEASES
