# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask PAM about users and passwords, as sshd would: try_password.py USER PASSWORD [USER PASSWORD...].

Prints for each pair what authentication and the account check answered (0 is yes, - not asked). The account is checked
as sshd does it: after the right password, or after a key, for which the password - stands.
"""

from __future__ import annotations

import ctypes
import sys

PROMPT_HIDDEN = 1
libc = ctypes.CDLL(None)
libpam = ctypes.CDLL("libpam.so.0")
libc.calloc.restype = ctypes.c_void_p
libc.strdup.restype = ctypes.c_void_p


class Message(ctypes.Structure):
    """struct pam_message"""

    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    """struct pam_response"""

    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


MESSAGES, RESPONSES = ctypes.POINTER(ctypes.POINTER(Message)), ctypes.POINTER(ctypes.POINTER(Response))
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, MESSAGES, RESPONSES, ctypes.c_void_p)


class Conversation(ctypes.Structure):
    """struct pam_conv"""

    _fields_ = [("callback", CALLBACK), ("data", ctypes.c_void_p)]


def ask(user: str, password: str) -> tuple[int | str, int | str]:
    def answer(count, messages, responses, _data):
        place = libc.calloc(count, ctypes.sizeof(Response))
        responses[0] = ctypes.cast(place, ctypes.POINTER(Response))
        for index in range(count):
            if messages[index].contents.style == PROMPT_HIDDEN:
                responses[0][index].text = libc.strdup(password.encode())
        return 0

    conversation = Conversation(CALLBACK(answer), None)
    handle = ctypes.c_void_p()
    libpam.pam_start(b"sshd", user.encode(), ctypes.byref(conversation), ctypes.byref(handle))
    login = "-" if password == "-" else libpam.pam_authenticate(handle, 0)
    account = libpam.pam_acct_mgmt(handle, 0) if login in ("-", 0) else "-"
    libpam.pam_end(handle, 0)
    return login, account


for pair in zip(sys.argv[1::2], sys.argv[2::2]):
    print(*ask(*pair))
