# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-ins for hosts of Git repositories, C(git_hosts.py FOLDER PORT HTTPS_PORT CERTIFICATE [bitbucket])."""

from __future__ import annotations

import sys

from tools.real import bitbucket_host
from tools.real.bitbucket_host import BitbucketHost
from tools.real.git_host import GitHost, serve
from tools.real.github_host import GitHubHost
from tools.real.oauth_hosts import OAuthHosts


def main(folder: str, port: str, https_port: str, certificate: str, *more: str) -> None:
    GitHost.folder = folder
    serve(OAuthHosts, ("127.0.0.1", int(port)))
    serve(GitHubHost, ("127.0.0.1", int(https_port)), certificate)
    if "bitbucket" in more:
        serve(BitbucketHost, bitbucket_host.ADDRESS, certificate)


if __name__ == "__main__":
    main(*sys.argv[1:])
