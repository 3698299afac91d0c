# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router dnsProvider: records of domains at DNS providers, which the simulator keeps itself.

What Porkbun, Infomaniak and OVH answer was read in the source of 0.30.6."""

from __future__ import annotations

from ...api.errors import bad_request
from ...store.store import Row
from ...world.outside import wrong
from ..procedures import Context, procedure
from .provider_configs import ConfigTable, register

DOMAIN = "r2.example"
ZONES = {
    "cloudflare": [{"id": "z1", "name": DOMAIN}],
    "route53": [{"id": zone, "name": DOMAIN} for zone in ("X9L369Y2IXI9ZBEYHYVKSN", "YI0U4376KT5NWW9H73Q193")],
    # These know a zone by its name.
    **dict.fromkeys(("porkbun", "infomaniak", "ovh"), [{"id": DOMAIN, "name": DOMAIN}]),
}
AUTHORITY = "ns-2048.awsdns-64.com"
# What a zone holds before anything is created in it.
RECORDS: dict[str, list[Row]] = {
    "cloudflare": [{"id": "rec102", "type": "CNAME", "name": f"www.{DOMAIN}", "content": f"app.{DOMAIN}", "ttl": 1}],
    "route53": [
        {
            "id": f"NS:{DOMAIN}",
            "type": "NS",
            "name": DOMAIN,
            "ttl": 172800,
            "content": f"{AUTHORITY}, ns-2049.awsdns-65.net, ns-2050.awsdns-66.org, ns-2051.awsdns-67.co.uk",
        },
        {
            "id": f"SOA:{DOMAIN}",
            "type": "SOA",
            "name": DOMAIN,
            "ttl": 900,
            "content": f"{{'Value': '{AUTHORITY}. hostmaster.example.com. 1 7200 900 1209600 86400'}}",
        },
    ],
}
TTL = {"cloudflare": 1, "route53": 300, "porkbun": 600, "infomaniak": 300, "ovh": 0}
FIRST_NUMBER = 102
# What a provider says of a wrong secret: the keys of its secrets, and the words.
REFUSED = {
    "cloudflare": (("apiToken",), "Cloudflare: request to /zones?per_page=1 failed: Invalid access token"),
    "route53": (("secretAccessKey",), "Route53: The security token included in the request is invalid."),
    "porkbun": (("secretApiKey",), "Porkbun: request to /ping failed: Invalid API key. (001)"),
    "infomaniak": (
        ("apiToken",),
        "Infomaniak: request to /1/products?service_name=domain&per_page=1 failed: Invalid token",
    ),
    "ovh": (
        ("applicationSecret", "consumerKey"),
        "OVH: request to GET /domain/zone failed: Invalid signature",
    ),
}
_AT_CLOUDFLARE = (
    "Cloudflare: request to /zones/{zone}/dns_records?per_page=50&page=1 failed: Could not route to /zones/{zone}, "
    "perhaps your object identifier is invalid?"
)
UNKNOWN_ZONE = {
    **dict.fromkeys(("cloudflare", "route53"), _AT_CLOUDFLARE),
    "porkbun": "Porkbun: request to /dns/retrieve/{zone} failed: Invalid domain.",
    "infomaniak": "Infomaniak: request to /2/zones/{zone}/records?with=records_description failed (status 404)",
    "ovh": "OVH: request to GET /domain/zone/{zone}/record failed: This service does not exist",
}
UNKNOWN_RECORD = {
    "cloudflare": "Cloudflare: request to /zones/{zone}/dns_records/{record} failed: Record does not exist.",
    "route53": 'Route53: record "{name}" ({kind}) not found',
    "porkbun": "Porkbun: request to /dns/edit/{zone}/{record} failed: Invalid record ID.",
    "infomaniak": "Infomaniak: request to /2/zones/{zone}/records/{record} failed (status 404)",
    "ovh": "OVH: request to GET /domain/zone/{zone}/record/{record} failed: The requested object does not exist",
}

TABLE = ConfigTable("dnsProviderId", lambda store: store.dns_providers, "dns_provider", "DNS provider not found")


def _values(_ctx: Context, data: Row) -> Row:
    config = {name: value.strip() for name, value in data["config"].items()}
    return {"name": data["name"], "config": config}


register("dnsProvider", TABLE, _values)


@procedure("dnsProvider.testConnection")
def test_dns(ctx: Context, data: Row) -> bool:
    config = TABLE.tested(ctx, data)
    secrets, words = REFUSED[config["providerType"]]
    if any(wrong(config[name]) for name in secrets):
        raise bad_request(words)
    return True


def _found(ctx: Context, data: Row) -> Row:
    return TABLE.row_of(ctx, data["dnsProviderId"])


def _zone(ctx: Context, data: Row) -> list[Row]:
    """The records of a zone."""
    kind = _found(ctx, data)["providerType"]
    zone = data["zoneId"]
    if zone not in [known["id"] for known in ZONES[kind]]:
        raise bad_request(UNKNOWN_ZONE[kind].format(zone=zone))
    return ctx.store.dns_records.setdefault(zone, [dict(record) for record in RECORDS.get(kind, ())])


@procedure("dnsProvider.listZones")
def zones(ctx: Context, data: Row) -> list[Row]:
    return ZONES[_found(ctx, data)["providerType"]]


@procedure("dnsProvider.listRecords")
def records(ctx: Context, data: Row) -> list[Row]:
    return _zone(ctx, data)


@procedure("dnsProvider.createRecord")
def create_record(ctx: Context, data: Row) -> Row:
    """One of the same type and name is changed instead."""
    rows, kind = _zone(ctx, data), _found(ctx, data)["providerType"]
    values = {"content": data["content"], "ttl": data.get("ttl", TTL[kind])}
    same = next((row for row in rows if (row["type"], row["name"]) == (data["type"], data["name"])), None)
    if same is not None:
        same.update(values)
        return {"id": same["id"]}
    number = 0 if kind == "route53" else FIRST_NUMBER + ctx.store.count("dns_record")
    mark = "rec" if kind == "cloudflare" else ""
    name = f"{mark}{number}" if number else f"{data['type']}:{data['name']}"
    rows.append({"id": name, "type": data["type"], "name": data["name"], **values})
    return {"id": name}


def _record(ctx: Context, data: Row) -> Row:
    record_id = data["recordId"]
    row = next((row for row in _zone(ctx, data) if row["id"] == record_id), None)
    if row is not None:
        return row
    kind, _colon, name = record_id.partition(":")
    words = UNKNOWN_RECORD[_found(ctx, data)["providerType"]]
    raise bad_request(words.format(zone=data["zoneId"], record=record_id, kind=kind, name=name))


@procedure("dnsProvider.updateRecord")
def update_record(ctx: Context, data: Row) -> Row:
    row = _record(ctx, data)
    values = {name: data[name] for name in ("type", "name", "content")}
    row.update(values, ttl=data.get("ttl", TTL[_found(ctx, data)["providerType"]]))
    return {"id": row["id"]}


@procedure("dnsProvider.deleteRecord")
def delete_record(ctx: Context, data: Row) -> bool:
    _zone(ctx, data).remove(_record(ctx, data))
    return True
