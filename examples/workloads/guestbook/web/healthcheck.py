#!/usr/bin/python3
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web service's health check: 0 when it and its database answer. It imports little, for it runs often."""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8080")), timeout=10)
try:
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    healthy = response.status == 200
    said = f"{response.status} {response.reason}"
except OSError as error:
    healthy, said = False, str(error)
if not healthy:
    sys.exit(f"not healthy: {said}")
