#!/usr/bin/env python3
"""A handshake that fails is told in Drover's words alone, unless the user asks for gRPC's. Argument: the program."""
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = ""


def answer_without_tls(server):
    """As a web server does that is asked for TLS, until `server` is closed."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.recv(1024)
            connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


class GrpcLogTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for arguments in [["init", "--cluster", "lab", "--dir", f"{folder.name}/ca"],
                          ["issue", "user", "alice", "--dir", f"{folder.name}/ca", "--out", f"{folder.name}/alice"]]:
            subprocess.run([PROGRAM, "ca", *arguments], check=True, stdout=subprocess.DEVNULL)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        # Wakes `accept`, which closing alone does not.
        self.addCleanup(self.server.shutdown, socket.SHUT_RDWR)
        threading.Thread(target=answer_without_tls, args=(self.server,), daemon=True).start()
        self.arguments = ["status", "--coordinator", f"127.0.0.1:{self.server.getsockname()[1]}",
                          "--cert-dir", f"{folder.name}/alice"]

    def what_status_says(self, **variables):
        environment = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"}
        ended = subprocess.run([PROGRAM, *self.arguments], env=environment | variables, capture_output=True, text=True)
        self.assertEqual(ended.returncode, 3, ended.stderr)
        return ended.stderr

    def test_says_it_in_one_line(self):
        said = self.what_status_says()
        self.assertTrue(said.startswith("drover: "), said)
        self.assertEqual(said.count("\n"), 1, said)

    def test_shows_grpcs_lines_to_who_asks(self):
        self.assertIn(" grpc ", self.what_status_says(GRPC_VERBOSITY="ERROR"))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
