#!/usr/bin/env bash
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Make .venv with all that the Makefile's targets need. Needs git, make and a Python from 3.11 on; no rights, no home.
# A second run costs nothing: the requirements, the Python and the place of the checkout are remembered in a stamp.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$(pwd -P)
requirements=tests/requirements/test.txt

say() { printf '%s\n' "$*" >&2; }

# These lead a Python or a pip of ours elsewhere.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV
export LC_ALL=C.UTF-8

# ansible-test, and the command line by which Ansible starts a module, cannot handle blanks or quotes in a path. From a path
# with two folders named ansible_collections, Ansible reads no name of a collection, and ansible-doc lists no roles; one of
# them is below .cache. Where the checkout's own path has any of these, .venv and .cache are links to a folder elsewhere.
state=$root
case $root/ in
  *[!A-Za-z0-9._/+@=,-]* | */ansible_collections/*)
    state=/var/tmp/community.dokploy-$(id -u)-$(printf %s "$root" | cksum | cut -d' ' -f1)
    mkdir -p -m 700 "$state"
    if [ ! -O "$state" ] || [ -L "$state" ]; then
      say "$state belongs to another user; remove it, or move the checkout to another path."
      exit 1
    fi
    mkdir -p "$state/.cache" "$state/.venv"
    for name in .cache .venv; do
      [ -L "$name" ] || rm -rf "$name"
      ln -sfn "$state/$name" "$name"
    done
    ;;
  *) mkdir -p .cache ;;
esac
cache=$state/.cache
# A worktree may have a link to the one of another checkout, which must not be built again for its sake.
venv=$state/.venv
[ ! -d "$venv" ] || venv=$(cd "$venv" && pwd -P)

# Two targets started at once must not both build it.
if command -v flock >/dev/null; then
  exec 9>"$cache/bootstrap.lock"
  flock 9
fi

stamp() { printf '%s\n' "$venv" "$1"; cat tests/requirements/*.txt simulator/pyproject.toml; }

if [ -x "$venv/bin/python" ] && version=$("$venv/bin/python" -VV 2>/dev/null) &&
  [ -f "$venv/stamp" ] && stamp "$version" | cmp -s - "$venv/stamp"; then
  exit 0
fi

if [ ! -d "${HOME:-}" ] || [ ! -w "${HOME:-}" ]; then
  export HOME=$cache/home
  mkdir -p "$HOME"
fi

# The newest Python that ansible-core and all the tools run on; 3.14 and later only when there is no other. A name may
# be on the PATH and yet not run (pyenv's shims), so each is tried.
python=
for name in python3.13 python3.12 python3.11 python3.14 python3; do
  if found=$("$name" -c 'import sys, venv; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null) &&
    [ -n "$found" ]; then
    python=$found
    "$python" -c 'import ensurepip' >/dev/null 2>&1 && break
  fi
done
if [ -z "$python" ]; then
  say "No Python from 3.11 on was found (python3.13, python3.12, python3.11, python3). Debian: apt-get install python3"
  exit 1
fi

# The pip that Debian keeps in a package of its own, without installing that package: neither rights nor python3-venv.
debian_pip() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  local dir=$cache/debian-pip
  rm -rf "$dir"
  mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial"
  local apt=(apt-get -qq -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o "Dir::State=$dir/state"
    -o Dir::State::status=/var/lib/dpkg/status -o "Dir::Cache=$dir/cache")
  (cd "$dir" && "${apt[@]}" update && "${apt[@]}" download python3-pip-whl) </dev/null >&2 &&
    dpkg-deb -x "$dir"/python3-pip-whl_*.deb "$dir/files" &&
    echo "$dir"/files/usr/share/python-wheels/pip-*.whl
}

say "Setting up .venv with $("$python" -V 2>&1) ($python)"
rm -rf "${venv:?}"/* # the folder itself may be what the link points to
"$python" -m venv --without-pip "$venv"
if "$venv/bin/python" -c 'import ensurepip' >/dev/null 2>&1; then
  "$venv/bin/python" -m ensurepip >/dev/null
elif wheel=$(debian_pip); then
  "$venv/bin/python" "$wheel/pip" install --quiet --disable-pip-version-check --no-index "$wheel"
else
  say "$python comes without ensurepip. Debian: apt-get install python3-venv (as root), then again."
  exit 1
fi

# uv only saves time. It does not read pip's settings, so where it cannot reach the packages pip still may.
export UV_NATIVE_TLS=true UV_SYSTEM_CERTS=true
pip=("$venv/bin/python" -m pip --quiet --disable-pip-version-check install --prefer-binary)
"${pip[@]}" 'uv >= 0.5' &&
  "$venv/bin/uv" --quiet pip install --python "$venv/bin/python" -r "$requirements" 2>/dev/null ||
  "${pip[@]}" -r "$requirements"
stamp "$("$venv/bin/python" -VV)" >"$venv/stamp"
