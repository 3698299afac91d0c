# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategies: valid values of an option, from its description, with exceptions only where needed.

Every value sets something; ``EMPTY`` has the values that clear an option. Secrets contain a mark, so that a leak is
noticed."""

from __future__ import annotations

import atexit
import copy
import functools
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import api_value
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import LONGEST_ID
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.network import (
    check_address,
    check_subnet,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.ssh_key_format import (
    check_key,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.x509 import (
    check_certificate,
    check_private_key,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import HOST
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose_file import compose_command
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.docker_units import (
    CPUS,
    DURATION,
    MEMORY,
    PROBE_TIME,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import URL
from ansible_collections.community.dokploy.plugins.module_utils._values.env import ENV
from ansible_collections.community.dokploy.plugins.module_utils._values.grammar import CRON
from tests.support.builders import PATHS, reference_names
from tests.support.certificates import CERTIFICATES, KEYS
from tests.support.examples import STACK
from tests.support.ssh_keys import SSH_KEYS
from tests.support.strategies.resource_params import SECRET_MARK

Values = st.SearchStrategy[Any]
ValuesOf = Callable[[tuple[str, ...], Field], Values]


def made_once(make: ValuesOf) -> ValuesOf:
    """One strategy for each option: Hypothesis takes longer to look through a new one than to draw from it."""
    made: dict[tuple[tuple[str, ...], int], tuple[Field, Values]] = {}

    @functools.wraps(make)
    def found(path: tuple[str, ...], field: Field) -> Values:
        # With the field, so that no other one gets its ID.
        key = path, id(field)
        if key not in made:
            made[key] = field, make(path, field)
        return made[key][1]

    return found


# What clears an option of this type; the others cannot be cleared, only set otherwise.
EMPTY: dict[str, Any] = {"str": "", "list": [], "dict": {}, "raw": ""}

# Text in which something often goes wrong.
TRICKY = (
    "plain",
    "größer ✓ ❌",
    " blanks at both ends ",
    "a # no comment",
    'it\'s "quoted" `thrice`',
    "one\r\ntwo\r\n",
    "0123",
    "1e3",
    "null",
    "off",
    "$HOME ${HOME} $$",
    "\\n is no line break",
    "{{ braces }}",
    "tab\tand \u2028 separator",
    "'; DROP TABLE application; --",
    "long " * 2000,
)
_LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
TEXTS = st.one_of(st.sampled_from(TRICKY), st.text(_LETTERS, min_size=1, max_size=20))
_LABELS = st.text("abcxyz019-", min_size=1, max_size=12).filter(lambda text: text.strip("-") == text)
HOSTS = st.lists(_LABELS, min_size=1, max_size=3).map(".".join)
TIMES = st.tuples(st.integers(1, 59), st.sampled_from(["ms", "s", "m", "h"])).map(lambda pair: "%d%s" % pair)
_CRON_FIELDS = (
    st.sampled_from(["*", "*/5", "0", "1-30/2", "59"]),
    st.sampled_from(["*", "0", "8-17", "1,13,23"]),
    st.sampled_from(["*", "1", "31", "1,15", "?", "L"]),
    st.sampled_from(["*", "1", "jan", "JAN-MAR", "12"]),
    st.sampled_from(["*", "0", "7", "mon-fri", "SUN", "1,3"]),
)
CRONS = st.one_of(
    st.tuples(*_CRON_FIELDS).map(" ".join),
    st.tuples(st.sampled_from(["0", "*/10"]), *_CRON_FIELDS).map(" ".join),
    st.sampled_from(["@daily", "@weekly"]),
)
_WORDS = st.dictionaries(
    st.sampled_from(["A", "B_1", "c.d", "E-F"]),
    st.one_of(TEXTS.map(lambda text: text[:100]), st.integers(), st.booleans()),
    min_size=1,
    max_size=3,
)


def _writable(value: Any) -> bool:
    try:
        ENV.to_api(value)
    except ValueError:
        return False
    return True


_VARIABLES = st.one_of(
    _WORDS.map(lambda words: {name: SECRET_MARK + str(text) for name, text in words.items()}).filter(_writable),
    _WORDS.filter(_writable).map(
        lambda words: f"# {SECRET_MARK}\r\n\r\n" + str(ENV.to_api(words)) + f"\nZ='{SECRET_MARK}'\n"
    ),
)
_SIZES = st.one_of(
    st.integers(4 * 1024**2, 2**45).map(str),
    st.tuples(st.integers(4, 999), st.sampled_from(["M", "m", "MB", "MiB", "G", " gb", ".5G", ".25M"])).map(
        lambda pair: "%d%s" % pair
    ),
)
_CPU_NUMBERS = st.one_of(
    st.integers(1, 64000).map(lambda number: str(Decimal(number).scaleb(-3))),
    st.sampled_from(["2", "0.5", "1.50", "3e-1", "0.001"]),
)


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="community.dokploy-"))
    atexit.register(shutil.rmtree, folder)
    return folder


def _file(text: str) -> str:
    """A file with some text, line ends as they are."""
    path = _folder() / hashlib.sha256(text.encode()).hexdigest()[:20]
    path.write_bytes(text.encode())
    return str(path)


# --- exceptions ------------------------------------------------------------------------------------------------------


def _limits_of_users(draw_names: Values) -> Values:
    soft = st.integers(0, 2**20)
    return st.lists(
        st.tuples(draw_names, soft, st.one_of(st.none(), st.just(-1), st.integers(2**20, 2**53 - 1))).map(
            lambda triple: {"name": triple[0], "soft": triple[1], **({"hard": triple[2]} if triple[2] else {})}
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda item: str(item["name"]),
    )


_COUNTS = st.integers(0, 2**31 - 1)
_MODES = st.one_of(
    st.fixed_dictionaries({"type": st.just("replicated")}, optional={"replicas": _COUNTS}),
    st.just({"type": "global"}),
)
_TESTS = st.one_of(
    TEXTS,
    st.tuples(st.sampled_from(["CMD", "CMD-SHELL"]), st.lists(TEXTS, max_size=2)).map(lambda pair: [pair[0], *pair[1]]),
    st.just(["NONE"]),
)
_CONSTRAINT = st.tuples(
    st.sampled_from(["node.role", "node.labels.größe"]), st.sampled_from(["==", "!="]), st.text("abc", min_size=1)
)
_CONSTRAINTS = st.lists(_CONSTRAINT.map("".join), min_size=1, max_size=3, unique=True)

_IMAGES = st.sampled_from(
    ["nginx", "shop:1.27", "ghcr.io/acme/shop_api:1.4.2-rc.1", f"localhost:5000/a/b:c@sha256:{'0' * 64}"]
)

SERVICES = st.sampled_from(["web", "db"])
STACKS = st.sampled_from(
    [
        STACK,
        f"# größer\n{STACK}volumes: {{data: {{}}}}\n",
        STACK.replace("nginx", "nginx:1.27").replace("\n", "\r\n"),
        f"x-note: 'a # b'\n{STACK}  more:\n    image: redis\n    command: [redis-server, --port, '0123']\n",
    ]
)

_HOOKS = st.sampled_from(["1", "2/größer", "3?a=b"]).map(lambda end: f"https://hooks.example.com/{SECRET_MARK}{end}")
_ADDRESSES = st.sampled_from(["a@example.com", "b+c@example.com", "größer@example.com"])

# What a description does not say, or says in a way that no value can be made from.
EXPLICIT_VALUES: dict[str, Values] = {
    "docker.registry_url": st.sampled_from(["ghcr.io", "https://registry.example.com/v2", "r.example.com:5000"]),
    "git.url": st.sampled_from(["https://git.example.com/größer.git", "git@example.com:a/b.git", "ssh://git@h:2/x"]),
    "docker.image": _IMAGES,
    "image": _IMAGES,
    "ip_address": st.sampled_from(["192.0.2.9", "2001:db8::1", "worker-1.example.com", "localhost"]),
    "provider": st.sampled_from(["AWS", "Minio", "Other"]),
    "app_name": st.sampled_from(["My-App_1.x", "web"]),
    "icon": st.one_of(TEXTS, st.just("data:image/svg+xml;base64," + "A" * 100_000)),
    "healthcheck.test": _TESTS,
    "placement.constraints": _CONSTRAINTS,
    "mode": _MODES,
    "ulimits": _limits_of_users(st.sampled_from(["nofile", "nproc", "größe"])),
    "ulimits.soft": st.integers(0, 2**20),
    "ulimits.hard": st.one_of(st.just(-1), st.integers(2**20, 2**53 - 1)),
    "additional_flags": st.lists(
        st.sampled_from(["--s3-sign-accept-encoding=false", "--s3-no-check-bucket", "--transfers=4"]),
        min_size=1,
        unique=True,
    ),
    "raw.content": STACKS,
    "raw.src": STACKS.map(_file),
    "raw.definition": STACKS.map(yaml.safe_load),
    "service_networks.service": SERVICES,
    **dict.fromkeys(("domains.service", "schedules.service", "volume_backups.service", "backups.service"), SERVICES),
    "domains.host": HOSTS,
    **dict.fromkeys([f"{kind}.webhook_url" for kind in ("slack", "discord", "mattermost", "lark", "teams")], _HOOKS),
    "custom.endpoint": _HOOKS,
    **dict.fromkeys(("pushover.retry", "pushover.expire"), st.integers(30, 10800)),
    "assignments": st.lists(
        st.sampled_from(
            [{"project": "shop"}, {"project": "shop", "environments": ["staging", "production"]}, {"project": "other"}]
        ).map(copy.deepcopy),
        min_size=1,
        max_size=2,
        unique_by=lambda item: str(item["project"]),
    ),
    "email": st.sampled_from(["Ann@Example.com", "b+c@example.com"]),
    "bitbucket.email": st.sampled_from(["a@example.com", "b+c@example.com"]),
    **dict.fromkeys(("email.from_address", "resend.from_address"), _ADDRESSES.map(lambda one: f"Dokploy <{one}>")),
    **dict.fromkeys(
        ("email.to_addresses", "resend.to_addresses"), st.lists(_ADDRESSES, min_size=1, max_size=2, unique=True)
    ),
    "schedules.timezone": st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+8"]),
    "patches.path": st.sampled_from(["Dockerfile", "src/größer ä.txt", "a..b", ".env", "x" * 300]),
}


def _differ(items: list[dict[str, Any]], name: str) -> bool:
    names = [item[name] for item in items if name in item]
    return len(set(names)) == len(names)


def _published(spec: dict[str, Any]) -> bool:
    ports = spec.get("ports") or []
    return _differ(ports, "published_port") and (
        spec.get("mode") != "dnsrr" or all(port.get("publish_mode") == "host" for port in ports)
    )


# What the parts of a value must have to do with each other.
PART_CONSTRAINTS: dict[str, Callable[[Any], bool]] = {
    "network_attachments": lambda items: _differ(items, "target"),
    "endpoint_spec": _published,
    "service_networks": lambda items: _differ(items, "service"),
    "endpoint_spec.ports": lambda ports: _published({"ports": ports}),
}


@made_once
def values(path: tuple[str, ...], field: Field) -> Values:
    """What may be written for an option, as far as it sets it to something."""
    own = EXPLICIT_VALUES.get(".".join(path))
    if own is not None:
        return own
    if field.choices:
        return st.sampled_from(list(field.choices))
    if field.paths:
        return st.lists(st.sampled_from(PATHS[len(field.paths[0])]), min_size=1, unique=True)
    if field.reference is not None:
        names = st.sampled_from(reference_names(field.reference))
        return st.lists(names, min_size=1, unique=True) if field.codec.type == "list" else names
    if field.parts:
        return _objects(path, field)
    return _by_kind(field)


def _objects(path: tuple[str, ...], field: Field) -> Values:
    parts = {part.name: values((*path, part.name), part) for part in field.parts}
    needed = {part.name: parts.pop(part.name) for part in field.parts if part.needed}
    whole: Values = st.fixed_dictionaries(needed, optional=parts).filter(bool)
    whole = st.lists(whole, min_size=1, max_size=2) if field.codec.type == "list" else whole
    return whole.filter(PART_CONSTRAINTS.get(".".join(path), bool))


_KINDS: list[tuple[Any, Values]] = [
    (MEMORY, _SIZES),
    (CPUS, _CPU_NUMBERS),
    (DURATION, st.one_of(TIMES, st.sampled_from(["1m30s", "1h0m5s", "0.5s", "100us"]))),
    (PROBE_TIME, st.one_of(TIMES, st.sampled_from(["1m30s", "1.5s"]))),
    (CRON, CRONS),
    (URL, st.nothing()),
]
_GRAMMARS: list[tuple[Any, Values]] = [
    (check_key, st.sampled_from(SSH_KEYS)),
    (check_subnet, st.integers(0, 255).map("10.{}.0.0/24".format)),
    (check_address, st.integers(1, 254).map("10.0.0.{}".format)),
    (check_certificate, st.sampled_from(CERTIFICATES)),
    (check_private_key, st.sampled_from(KEYS).map(lambda text: f"{SECRET_MARK}\n{text}")),
    (
        compose_command,
        st.sampled_from(["compose up -d --build", "compose up -d && docker compose ps", "stack deploy x"]),
    ),
]


def is_env(field: Field) -> bool:
    """Whether it is environment text, of whatever kind of service."""
    return field.codec.masked is ENV.masked


def _by_kind(field: Field) -> Values:
    if is_env(field):
        return _VARIABLES
    for known, strategy in (*_KINDS, *_GRAMMARS):
        if known is field.codec or known is field.grammar:
            return strategy
    if field.codec.type == "bool":
        return st.booleans()
    if field.codec.type == "int":
        return st.integers(*(field.limits or (0, 2**31 - 1)))
    if field.codec.type == "float":
        return st.floats(*(field.limits or (0, 1)))
    if field.codec.type == "list":
        return st.lists(TEXTS, min_size=1, max_size=3)
    if field.codec.type == "dict":
        return _WORDS
    return _texts(field)


def _texts(field: Field) -> Values:
    """Secrets begin with the mark; of files it is the text in them that matters."""
    longest = field.limits[1] if field.limits else LONGEST_ID if field.name.endswith("_id") else 100_000
    texts: Values = TEXTS
    if field.pattern is not None:
        texts = st.from_regex(r"\A(?:%s)" % field.pattern[0], alphabet=_LETTERS).map(lambda text: text[:200])
        texts = texts.filter(lambda text: _accepted(field, text))
    start = SECRET_MARK if field.secret else ""
    texts = texts.map(lambda text: (start + text)[:longest])
    return texts.map(_file) if field.codec.type == "path" else texts


def _accepted(field: Field, text: str) -> bool:
    try:
        return bool(api_value((), field, text) == text)
    except Exception:
        return False


def different_values(path: tuple[str, ...], field: Field) -> Values:
    """Two values that are not the same."""
    one = values(path, field)
    return st.tuples(one, one).filter(lambda pair: not field.same(*(api_value(path, field, value) for value in pair)))


# --- other spellings -------------------------------------------------------------------------------------------------

_SPELLINGS: list[tuple[Any, Callable[[Any], Any]]] = [
    (CPUS, lambda value: str(Decimal(value)) + ("0" if "." in str(Decimal(value)) else ".0")),
    (MEMORY, MEMORY.to_api),
    (HOST, str.upper),
]


def respell(field: Field, value: Any) -> Any:
    """The same value as another user may write it: numbers as text, sets in another order, other units."""
    if is_env(field):
        return dict(reversed(list(ENV.shown(ENV.to_api(value)).items())))
    for codec, spell in _SPELLINGS:
        if field.codec is codec:
            return spell(value)
    if field.codec.type in ("int", "float", "bool"):
        return str(value)
    if field.codec in (DURATION, PROBE_TIME):
        return "%dns" % field.codec.to_api(value)
    if (
        field.codec.type == "list"
        and not field.codec.ordered
        and not field.parts
        and field.same(["a", "b"], ["b", "a"])
    ):
        return list(reversed(value))
    return value
