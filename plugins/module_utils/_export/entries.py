# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""An entry of an exported document, with the record that it describes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from .._manifest.sections import Section
from .._manifest.unmanaged import Record
from .._model.exportable import Place
from .._model.resource import Resource
from .._values.paths import path_or_name

#: The kind, the type and the names of an entry, as others refer to it.
Key = Tuple[str, str, Tuple[str, ...]]


@dataclass(eq=False)
class ExportedEntry:
    """One entry of a document.

    :ivar outer: the entry that it is in. :ivar place: its keys and positions in the document.
    :ivar options: what it states, in the order of the documentation, with the entries in it; changed in place.
    :ivar secrets: the places of its secrets, and C(variables) those of environment text, see C(Described).
    """

    record: Record
    outer: Optional[ExportedEntry]
    place: Place
    options: Dict[str, Any]
    secrets: List[Tuple[Place, str]] = field(default_factory=list)
    variables: List[Place] = field(default_factory=list)

    @property
    def section(self) -> Section:
        return self.record.section

    @property
    def resource(self) -> Resource:
        return self.record.resource

    @property
    def kind(self) -> str:
        return self.section.kind

    @property
    def names(self) -> Tuple[str, ...]:
        """From the project on; an ID where there is no name."""
        own = self.section.name if self.resource.single else self.record.name or self.record.id
        return (own,) if self.outer is None else (*self.outer.names, own)

    @property
    def path(self) -> str:
        """C(shop/production/web), or the name."""
        return path_or_name(self.names)

    @property
    def address(self) -> Tuple[str, ...]:
        """Its names as the document states them: an ID where the name does not find it."""
        stated = self.options.get(self.resource.name_option) or self.options.get(self.resource.id_option)
        own = str(stated or self.section.name)
        return (own,) if self.outer is None else (*self.outer.address, own)

    @property
    def key(self) -> Key:
        return self.kind, self.resource.kind, self.address
