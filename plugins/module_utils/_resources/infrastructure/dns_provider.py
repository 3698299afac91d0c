# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""DNS providers: accounts with which Dokploy creates the DNS records of domains."""

from __future__ import annotations

from ..._engine.apply import resource_operation
from ..._engine.info import info_operation
from ..._model.field import Field
from ..._model.resource import Resource
from .provider_config import config_provider, hidden


def _dns(kind: str, *fields: Field) -> Resource:
    return config_provider("dnsProvider", "DNS provider", kind, *fields, defaults={}, further={})


KINDS = (
    _dns("cloudflare", hidden("api_token", "apiToken")),
    _dns(
        "route53",
        Field("access_key_id", "accessKeyId", secret=True, needed=True, limits=(1, 255)),
        hidden("secret_access_key", "secretAccessKey"),
    ),
)
OPERATION = resource_operation(*KINDS)
INFO_OPERATION = info_operation(*KINDS)
