# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that users do not intend, or that do harm: as Ansible reads them from YAML, and as templates produce them."""

from __future__ import annotations

from typing import Any

from ansible.parsing.dataloader import DataLoader

# Read by Ansible itself, so that tags, dates, bytes and its own words for a text are what a task really has.
_YAML = """
- on
- yes
- 'No'
- 1e3
- 0o17
- 017
- 0x1F
- 1_000
- 12:30:45
- 2026-11-25
- 2026-11-25 10:00:00
- 2026-11-25T10:00:00Z
- '2026-11-25'
- ~
- ''
- ' '
- "\\t"
- .nan
- .inf
- -.inf
- -0.0
- 1e309
- '1e309'
- !!binary aGVsbG8=
- !!binary //79
- !unsafe '{{ x }}'
- {1: a, true: b, null: c}
- {1.5: a}
- {2026-11-25: a}
- {'': a}
- <<: {a: '1'}
  b: '2'
- {a: ~}
- {a: [1]}
- {a: 2026-11-25}
- []
- {}
- [[]]
- [~]
- ['']
- [1, [2]]
- [{a: b}]
- [2026-11-25]
- -1
- 0
- 1
- 65535
- 65536
- 2147483648
- 9223372036854775808
- 1.5
- '1.0'
- ' 5 '
- '-5'
- '+5'
- '1,5'
- 5e-324
- plain
- '@daily'
- '@every 5m'
- '* * * * * * *'
- '0 0 31 2 *'
- '* * * * mon-fri'
- '60 24 * * *'
- 'http://[::1'
- 'https://user:password@host/path?x=1#y'
- 'ftp://host'
- '//host'
- 'javascript:alert(1)'
- 'a..b'
- '-a.b'
- '*.a.b'
- '[::1]'
- '::1'
- '192.0.2.1'
- 'a:99999'
- '../../etc/passwd'
- '/etc/../etc'
- 'C:\\x'
- '~root'
- '$HOME/x'
- '{{ x }}'
- '%s %d %(x)s'
- "'; DROP TABLE application; --"
- '<script>'
- "a\\nb"
- "a\\r\\nb"
- "a\\tb"
- "\\uFEFFa"
- "a\\u202Eb"
- "a\\u200Bb"
- "e\\u0301"
- "\\u00e9"
- "a\\u2028b"
- "a\\x85b"
- "a\\x1b[31mb"
- "a\\x07b"
- "a\\x01b"
- "a\\x7fb"
- "a\\0b"
- "\\0"
- "\\U0001F4A5"
- '٣'
- '１２'
"""

FROM_YAML: list[Any] = DataLoader().load(_YAML)


def _deep(kind: type, levels: int = 200) -> Any:
    value: Any = "x"
    for _unused in range(levels):
        value = {"a": value} if kind is dict else [value]
    return value


# What no YAML says, but a template, a lookup or a fact may: too much of something, bytes that are no text.
GENERATED: list[Any] = [
    "x" * 1_000_000,
    "é" * 600_000,
    ["x" * 10] * 2_000,
    [{"x": 1}] * 2_000,
    {str(number): "x" for number in range(2_000)},
    _deep(dict),
    _deep(list),
    [_deep(dict)],
    "\ud800",
    "a\udcffb",
    "\ud83d",
    {"\ud800": "a"},
    {"a": "\udcff"},
    ["\udcff"],
    {"a\0b": "c"},
    ["a\0b"],
    2**70,
    10**400,
    -(2**63) - 1,
    float("nan"),
    float("inf"),
    ("a", "b"),
    "zzz " * 20_000,
    "\n" * 1000,
    "a=" * 50_000,
    "'" * 1001,
    "((((((((((" * 100,
]


def _short_name(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 30 else f"{text[:20]}...{len(text)}"


UNUSUAL_VALUES: list[tuple[str, Any]] = [(_short_name(value), value) for value in (*FROM_YAML, *GENERATED)]
"""A short name of each value, and the value."""
