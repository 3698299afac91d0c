# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A document that is in a file or a folder of files on the controller, read as Ansible reads files of variables.

What is encrypted by Ansible Vault is decrypted, and templates are rendered with the variables of the task. Files of a
folder are one document: their lists come one after another, and their mappings are merged.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase
from ansible.template import Templar

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, kind_of, why_unreadable
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import refusal
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import (
    hide_credentials,
    one_line,
    shortened,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import shown_path
from ansible_collections.community.dokploy.plugins.plugin_utils._document.places import (
    DocumentPlaces,
    Mark,
    inner_marks,
    marks_of,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._document.vaulted import Locked, opened
from ansible_collections.community.dokploy.plugins.plugin_utils._document.yaml_reader import (
    Unreadable,
    YamlReader,
    too_deep,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, without_omitted

# The most bytes of all files of a document. An encrypted file is up to four times as large.
MOST_BYTES = 10 * 1024 * 1024
_ENCRYPTED = 4
_ENDINGS = (".yml", ".yaml", ".json")

_OMITTED = object()

# The values of a file, or of several, and their marks.
_Part = Tuple[Dict[str, Any], Dict[str, Mark]]


@dataclass(frozen=True)
class DocumentSource:
    """:param document: plain values, without what is omitted."""

    document: Dict[str, Any]
    places: DocumentPlaces


def read_document(action: ActionBase, src: str, more: Optional[DocumentSource] = None) -> DocumentSource:
    """The document that the option C(src) of a task names: below the playbook, the role or the working directory, or in
    C(files) there.

    :param more: what is not in its files.
    :raises OptionError: with everything that keeps the files from being one document.
    """
    loader: DataLoader = action._loader
    return read_files(_files(path_of_option(action, "src", src), src, loader), loader, action._templar, more)


def read_content(action: ActionBase, option: str, src: str, name: str) -> Tuple[Any, Mark]:
    """The content of a file that is no part of the document, in which nothing is a template, and its mark.

    :param src: what the option of a task names: the file, or the folder that has it. :param name: of the file.
    :raises OptionError: it cannot be read; C(details["mistakes"]) has every reason.
    """
    loader: DataLoader = action._loader
    path, label = path_of_option(action, option, src), _label(src, src, loader)
    if os.path.isdir(path):
        path, label = os.path.join(path, name), os.path.join(label, name)
    try:
        value, mark = YamlReader(loader).parse(load_text(path, label, loader), path, label)
    except Unreadable as error:
        mistakes = ["%s: %s" % (option, mistake) for mistake in error.mistakes]
        raise refusal(mistakes) from None
    if value is None or isinstance(value, str):
        # As an option, the first one would count as not stated, and the second one as the name of a file.
        what = "empty" if value is None else "only a text"
        raise OptionError("%s: %s is %s; it takes the content of %s" % (option, label, what, name))
    return plain(value), mark


def path_of_option(action: ActionBase, option: str, src: str) -> str:
    """The absolute path of what an option of a task names.

    :raises OptionError: there is none.
    """
    if not src:
        raise OptionError("%s is empty; it takes a file or a folder" % option)
    try:
        path: str = action._find_needle("files", src)
    except AnsibleError:
        # A playbook of a collection is not where its user is.
        path = os.path.abspath(src)
        if not os.path.exists(path):
            places = "below the playbook or the role, nor in the folder 'files' there, nor in the working directory"
            raise OptionError("%s: %r is neither %s" % (option, src, places)) from None
    return os.path.abspath(path)


def read_files(
    files: Sequence[Tuple[str, str]], loader: DataLoader, templar: Templar, more: Optional[DocumentSource] = None
) -> DocumentSource:
    """:param files: the absolute path of each file, and how messages call it."""
    return _read([(path, file, partial(load_text, path, file, loader)) for path, file in files], loader, templar, more)


def read_texts(texts: Sequence[Tuple[str, str, str]], loader: DataLoader, templar: Templar) -> DocumentSource:
    """The document of files that are still to be written.

    :param texts: the absolute path of each file, how messages call it, and its text.
    :raises OptionError: with everything that keeps them from being one document.
    """
    files = [(path, file, partial(_checked, text.encode("utf-8"), file)) for path, file, text in texts]
    return _read(files, loader, templar, None)


def _read(
    files: Sequence[Tuple[str, str, Callable[[int], str]]],
    loader: DataLoader,
    templar: Templar,
    more: Optional[DocumentSource],
) -> DocumentSource:
    """:param files: the absolute path of each file, how messages call it, and what has its text of at most so many
    bytes."""
    reader, left = YamlReader(loader), MOST_BYTES
    document: _Part = {}, {}
    mistakes: List[str] = []
    for path, file, text_of in files:
        try:
            text = text_of(left)
            left -= len(text)
            part = _part(*reader.parse(text, path, file), file, templar)
        except Unreadable as error:
            mistakes.extend(error.mistakes)
        else:
            mistakes.extend(_merge(document, part))
    if more is not None:
        mistakes.extend(_merge(document, (more.document, more.places.marks)))
    if mistakes:
        raise refusal(mistakes)
    return DocumentSource(document[0], DocumentPlaces(*document))


# --- which files ---


def _files(path: str, src: str, loader: DataLoader) -> List[Tuple[str, str]]:
    label = _label(path, src, loader)
    if not os.path.isdir(path):
        return [(path, label)]
    below = sorted(files_below(path))
    if not below:
        raise OptionError("src: the folder %s has no file that ends in .yml, .yaml or .json" % label)
    return [(os.path.join(path, name), os.path.join(label, name)) for name in below]


def files_below(folder: str) -> Iterator[str]:
    """The files in a folder and those in it, by their paths from there, without hidden and backup files."""
    seen = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        # A link may lead back to a folder above it.
        folders[:] = [] if real in seen else [name for name in folders if not name.startswith(".")]
        for name in [] if real in seen else names:
            if name.endswith(_ENDINGS) and not name.startswith(".") and os.path.exists(os.path.join(place, name)):
                yield os.path.relpath(os.path.join(place, name), folder)
        seen.add(real)


def _label(path: str, src: str, loader: DataLoader) -> str:
    """How messages call what C(src) names: as the user does, unless that is a path of the controller."""
    return shown_path(path, loader) if os.path.isabs(os.path.expanduser(src)) else os.path.normpath(src)


# --- one file ---


def load_text(path: str, file: str, loader: DataLoader, most: int = MOST_BYTES) -> str:
    """The text of a file, decrypted.

    :raises Unreadable: it has none.
    """
    try:
        # Also no device, which has no end.
        if not os.path.isfile(path):
            raise Unreadable("%s is neither a file nor a folder" % file)
        if os.path.getsize(path) > _ENCRYPTED * most:
            raise _too_large(file)
        with open(path, "rb") as opened_file:
            content = opened(opened_file.read(), file, loader)
    except OSError as error:
        raise Unreadable("%s cannot be read: %s" % (file, why_unreadable(error))) from None
    except Locked as error:
        raise Unreadable(str(error)) from None
    return _checked(content, file, most)


def _checked(content: bytes, file: str, most: int) -> str:
    if len(content) > most:
        raise _too_large(file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable("%s:%d is not UTF-8 text" % (file, line)) from None


def _too_large(file: str) -> Unreadable:
    return Unreadable("%s: the files of a document have at most %d MB" % (file, MOST_BYTES // 1024 // 1024))


def _part(value: Any, mark: Mark, file: str, templar: Templar) -> _Part:
    """The values of a file with its templates rendered, as plain values."""
    if value is None:
        raise Unreadable("%s is empty" % file)
    if not isinstance(value, Mapping):
        raise Unreadable("%s is %s; it takes a mapping of sections, such as projects" % (file, kind_of(value)))
    try:
        values: Dict[str, Any] = _rendered(value, templar)
    except AnsibleError as error:
        raise Unreadable(*_failing(value, mark, templar) or ["%s: %s" % (file, _words_of(error))]) from None
    except RecursionError:
        raise too_deep(file) from None
    return values, inner_marks(values, mark)


def _rendered(value: Any, templar: Templar) -> Any:
    """A plain value with its templates rendered. Most texts are none, and Ansible would take its time for each."""
    # Before ansible-core 2.19, the second check refuses some texts that are marked as no template.
    if isinstance(value, str) and (hasattr(value, "__UNSAFE__") or not templar.is_possibly_template(value)):
        return plain(value)
    if isinstance(value, Mapping):
        pairs = [(plain(key), _rendered(item, templar)) for key, item in value.items()]
        return {key: item for key, item in pairs if item is not _OMITTED}
    if isinstance(value, (list, tuple)):
        return [item for item in (_rendered(item, templar) for item in value) if item is not _OMITTED]
    if value is None or isinstance(value, (bool, int, float)):
        return plain(value)
    # In a list, since ansible-core refuses to omit a value alone.
    rendered = plain(without_omitted(templar.template([value])))
    return rendered[0] if rendered else _OMITTED


def _failing(value: Any, mark: Mark, templar: Templar) -> List[str]:
    """One sentence for each value that cannot be rendered or decrypted."""
    inner: Iterable[Tuple[Any, Mark]]
    if isinstance(value, Mapping):
        inner = zip(value.values(), inner_marks(value, mark).values())
    elif isinstance(value, (list, tuple)):
        inner = zip(value, marks_of(value, mark))
    else:
        try:
            _rendered(value, templar)
        except AnsibleError as error:
            return ["%s: %s" % (mark, _words_of(error))]
        return []
    return [sentence for item, where in inner for sentence in _failing(item, where, templar)]


def _words_of(error: AnsibleError) -> str:
    """Ansible's words, without the lines of the file, which may have secrets."""
    words = str(error).partition("\n")[0]
    # ansible-core 2.18 says it twice.
    words = re.sub(r"\A(.+)\. \1\Z", r"\1", words.strip(), flags=re.DOTALL)
    return shortened(one_line(hide_credentials(words)))


# --- many files ---


def _merge(whole: _Part, part: _Part, above: str = "") -> Iterator[str]:
    """Put the values of a file into those of the files before it; one sentence for each that cannot be in both.

    Sections that are lists come one after another. Their entries of one name are found in the document as a whole.
    """
    values, marks = whole
    for key, value in part[0].items():
        known, mark = values.get(key), part[1][key]
        if known is None:
            values[key], marks[key] = value, mark
        elif isinstance(known, list) and isinstance(value, list) and not above:
            marks[key] = marks[key]._replace(inner=[*marks_of(known, marks[key]), *marks_of(value, mark)])
            known.extend(value)
        elif isinstance(known, dict) and isinstance(value, dict):
            inner = inner_marks(known, marks[key])
            yield from _merge((known, inner), (value, inner_marks(value, mark)), "%s%s." % (above, key))
            marks[key] = marks[key]._replace(inner=inner)
        elif value is not None and (above or known != value):
            kinds = (kind_of(known), kind_of(value))
            first, second = kinds if kinds[0] != kinds[1] else ("one value", "another one")
            yield "%s%s has %s in %s and %s in %s" % (above, key, first, marks[key], second, mark)
