# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pack files: zip.py ARCHIVE FOLDER NAME..."""

from __future__ import annotations

import sys
import zipfile

archive, folder, *names = sys.argv[1:]
with zipfile.ZipFile(archive, "w") as made:
    for name in names:
        made.write("%s/%s" % (folder, name), name)
