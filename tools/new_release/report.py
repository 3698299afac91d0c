# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is entries, as text, as Markdown for the summary of a workflow, and as issues."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tools.new_release.compare import Finding
from tools.new_release.touched import Touched

Pair = tuple[Finding, Touched]


@dataclass(frozen=True)
class Report:
    """The findings of a release. :param known: the release that it was compared with. :param source: of what."""

    release: str
    known: str
    source: str
    pairs: Sequence[Pair]

    @property
    def breaking(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair[1].breaks(pair[0])]

    def groups(self) -> Iterator[tuple[str, list[Pair]]]:
        """The findings by what they ask for, most urgent first; groups without any are left out."""
        breaking = self.breaking
        rest = [pair for pair in self.pairs if pair not in breaking]
        used = [pair for pair in rest if pair[1].used]
        near = [pair for pair in rest if pair[1].near and pair not in used]
        far = [pair for pair in rest if pair not in used and pair not in near]
        for title, pairs in (
            ("What the collection sends is not taken", breaking),
            ("What the collection sends is taken otherwise", used),
            ("New beside what the collection manages", near),
            ("What the collection does not use", far),
        ):
            if pairs:
                yield title, pairs


def _places(touched: Touched) -> list[tuple[str, Sequence[str]]]:
    places = [
        ("description", touched.files),
        ("modules", touched.modules),
        ("options", touched.options),
        ("guides", touched.guides),
    ]
    return [(name, values) for name, values in places if values]


def head(report: Report) -> str:
    if not report.pairs:
        return f"Dokploy {report.release} takes what {report.known} takes, by {report.source}."
    kinds = {kind: sum(finding.kind == kind for finding, _touched in report.pairs) for kind, _number in _kinds(report)}
    counts = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    return (
        f"Dokploy {report.release} beside {report.known}, by {report.source}: {counts}. "
        f"{len(report.breaking)} of these break what the collection sends."
    )


def _kinds(report: Report) -> list[tuple[str, int]]:
    kinds = sorted(finding.kind for finding, _touched in report.pairs)
    return [(kind, len(list(group))) for kind, group in groupby(kinds)]


def text(report: Report) -> str:
    lines = [head(report)]
    for title, pairs in report.groups():
        lines += ["", f"{title}:"]
        for finding, touched in pairs:
            lines.append(f"  {finding.kind:8} {finding.line}")
            lines += [f"           {name}: {', '.join(values)}" for name, values in _places(touched)]
    return "\n".join(lines) + "\n"


def markdown(report: Report) -> str:
    lines = [f"## A new release of Dokploy: {report.release}", "", head(report)]
    for title, pairs in report.groups():
        lines += ["", f"### {title}", "", "| | procedure | what | description | modules | guides |", "|" + " --- |" * 6]
        for finding, touched in pairs:
            place = f"`{finding.procedure}`" + (f" `{finding.field}`" if finding.field else "")
            cells = [finding.kind, place, finding.text, *map(_cell, (touched.files, touched.modules, touched.guides))]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(values: Sequence[str]) -> str:
    return "<br>".join(f"`{value.rpartition('/')[2]}`" for value in values)


def issues(report: Report) -> list[dict[str, str]]:
    """An issue for each finding that breaks something, and one for all that is new in a router: C(title), C(body). The
    title is the same in each run, by which an issue is opened once."""
    breaking = report.breaking
    entries = [
        _issue(report, f"Dokploy {report.release}: {finding.line}"[:200], [(finding, touched)])
        for finding, touched in breaking
    ]
    others = [pair for pair in report.pairs if pair not in breaking and pair[1].near]
    for router, pairs in groupby(others, lambda pair: pair[0].procedure.partition(".")[0]):
        entries.append(_issue(report, f"Dokploy {report.release}: new in {router}", list(pairs)))
    return entries


def _issue(report: Report, title: str, pairs: Sequence[Pair]) -> dict[str, str]:
    lines = [f"Found in {report.source}, compared with {report.known}.", ""]
    for finding, touched in pairs:
        lines.append(f"- {finding.kind}: `{finding.procedure}` {finding.field and f'`{finding.field}` '}{finding.text}")
        lines += [f"  - {name}: {', '.join(f'`{value}`' for value in values)}" for name, values in _places(touched)]
    lines += ["", '"A new release of Dokploy" in `CONTRIBUTING.md` says what to do.']
    return {"title": title, "body": "\n".join(lines) + "\n"}


def as_json(report: Report) -> str:
    return json.dumps({"release": report.release, "known": report.known, "issues": issues(report)}, indent=1) + "\n"
