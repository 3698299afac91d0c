# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""DNS providers: accounts with which Dokploy creates the DNS records of domains.

Dokploy takes blanks from both ends of each value (source of 0.30.2 and of 0.30.6).
"""

from __future__ import annotations

from dataclasses import replace

from ..._engine.apply import resource_operation
from ..._engine.info import info_operation
from ..._model.field import Field, Version
from ..._model.resource import Resource
from ..._values.codec import TEXT
from .provider_config import config_provider, hidden

#: Where an account of OVHcloud is, by the names that its own clients use.
_OVH_ENDPOINTS = ("ovh-eu", "ovh-ca", "ovh-us", "kimsufi-eu", "kimsufi-ca", "soyoustart-eu", "soyoustart-ca")


def _dns(kind: str, *fields: Field, since: Version = (0, 30, 0), **defaults: str) -> Resource:
    return config_provider("dnsProvider", "DNS provider", kind, *fields, defaults=defaults, further={}, since=since)


def _readable(name: str, api: str) -> Field:
    """The half of a login that Dokploy shows, so that it is compared."""
    return Field(name, api, replace(TEXT, to_api=str.strip), secret=True, needed=True, limits=(1, 255))


KINDS = (
    _dns("cloudflare", hidden("api_token", "apiToken")),
    _dns(
        "route53",
        _readable("access_key_id", "accessKeyId"),
        hidden("secret_access_key", "secretAccessKey"),
    ),
    _dns(
        "porkbun",
        _readable("api_key", "apiKey"),
        hidden("secret_api_key", "secretApiKey"),
        since=(0, 30, 5),
    ),
    _dns("infomaniak", hidden("api_token", "apiToken"), since=(0, 30, 6)),
    _dns(
        "ovh",
        Field("endpoint", "endpoint", choices=_OVH_ENDPOINTS),
        _readable("application_key", "applicationKey"),
        hidden("application_secret", "applicationSecret"),
        hidden("consumer_key", "consumerKey"),
        since=(0, 30, 6),
        endpoint="ovh-eu",
    ),
)
OPERATION = resource_operation(*KINDS)
INFO_OPERATION = info_operation(*KINDS)
