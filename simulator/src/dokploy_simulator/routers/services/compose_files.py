# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router compose: its file, as it is, as it would be deployed, and the services in it."""

from __future__ import annotations

from ...api.errors import bad_request, internal, not_found
from ...jobs import compose_deployments
from ...jobs.compose_deployments import CommandError
from ...store.randomness import RANDOM
from ...store.store import Row
from ...world.compose import compose_conversion
from ...world.compose.compose_conversion import ConversionError
from ...world.compose.compose_yaml import YamlError, parse, stringify
from ..procedures import Context, procedure
from .compose import find_compose
from .service_run import failed


def _fetch(ctx: Context, row: Row) -> None:
    """Empty the code folder and write or clone into it: ``.env`` and the labels of a running compose are gone."""
    plan = compose_deployments.fetch(ctx.instance, row)
    if plan.result == "error" and not plan.has_branch:
        said = "".join(plan.clone[1:]) + plan.verdict.partition("❌ [ERROR]")[0]
        raise internal(f"{failed(ctx)}Command failed: set -e;set -e;rm -rf ...\n{said}")


@procedure("compose.fetchSourceType")
def fetch_source_type(ctx: Context, data: Row) -> str:
    row = ctx.store.services["compose"].get(data["composeId"])
    try:
        if row is None:
            raise not_found("Compose not found")
        _fetch(ctx, row)
    except Exception:
        raise bad_request("Error fetching source type") from None
    return str(row["sourceType"])


@procedure("compose.loadServices")
def load_services(ctx: Context, data: Row) -> list[str]:
    row = find_compose(ctx, data["composeId"])
    if data.get("type", "cache") == "fetch":
        _fetch(ctx, row)
    try:
        file = compose_deployments.parsed(ctx.instance, row, cached=True)
    except YamlError as error:
        raise internal(str(error)) from None
    if file and row["randomize"]:
        file = compose_conversion.suffixed(file, row["suffix"])
    if not isinstance(file, dict) or not file.get("services"):
        raise not_found("Services not found")
    return list(file["services"])


@procedure("compose.getConvertedCompose")
def converted_compose(ctx: Context, data: Row) -> str:
    """What a deployment would write."""
    row = find_compose(ctx, data["composeId"])
    try:
        return stringify(compose_deployments.converted(ctx.instance, row))
    except (YamlError, ConversionError) as error:
        raise internal(str(error)) from None


@procedure("compose.getDefaultCommand")
def default_command(ctx: Context, data: Row) -> str:
    try:
        return f"docker {compose_deployments.command(find_compose(ctx, data['composeId']))}"
    except CommandError as error:
        raise internal(str(error)) from None


@procedure("compose.randomizeCompose")
def randomize_compose(ctx: Context, data: Row) -> str:
    """Only tells what it would be."""
    row = find_compose(ctx, data["composeId"])
    try:
        file = parse(row["composeFile"])
    except YamlError as error:
        raise internal(str(error)) from None
    return stringify(compose_conversion.suffixed(file or {}, data.get("suffix") or RANDOM.randbytes(4).hex()))


@procedure("compose.isolatedDeployment")
def isolated_deployment(ctx: Context, data: Row) -> str:
    """The same; but it fetches the source again. A compose that is not isolated is shown as it is."""
    row = find_compose(ctx, data["composeId"])
    _fetch(ctx, row)
    try:
        file = compose_deployments.parsed(ctx.instance, row, cached=True)
    except YamlError as error:
        raise internal(str(error)) from None
    if not file:
        raise internal("Compose data not found")
    if row["isolatedDeployment"]:
        name = data.get("suffix") or row["appName"]
        file = compose_conversion.isolated(file, name, row["isolatedDeploymentsVolume"])
    return stringify(file)
