#!/usr/bin/env python3
"""Pushes 1, 2, 3, … to a list of Redis, through each target in turn, a new connection each. A number that was not answered is
sent again (so it may be there twice), never left out. Answers a line on standard input by how many were answered. What went
unanswered is told on standard error.

usage: writer_client.py KEY HOST:PORT…
"""
import itertools
import json
import select
import socket
import sys
import time

# Longer than a relay holds a connection: what it carries out after its client gave up would look like a write by another copy.
PATIENCE_SECONDS = 70
PAUSE_SECONDS = 0.004


def notice_reboot(connection):
    """A machine that was switched off and on says that it knows nothing of the connection; but only when it is asked. One that
    cannot be reached is waited for as long as ever."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PATIENCE_SECONDS)


def push(target, key, number):
    """Whether Redis answered that it holds the number."""
    host, port = target.rsplit(":", 1)
    words = ["RPUSH", key, str(number)]
    request = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    try:
        with socket.create_connection((host, int(port)), PATIENCE_SECONDS) as connection:
            notice_reboot(connection)
            connection.sendall(request.encode())
            answer = connection.recv(64)
            if not answer.startswith(b":"):
                complain(number, target, f"from port {connection.getsockname()[1]}: {answer}")
            return answer.startswith(b":")
    except OSError as error:
        complain(number, target, error)
        return False


def complain(number, target, what):
    print(f"{time.time():.6f} number {number} through {target}: {what}", file=sys.stderr, flush=True)


def main():
    key, *targets = sys.argv[1:]
    acknowledged = 0
    through = dict.fromkeys(targets, 0)
    for target in itertools.cycle(targets):
        if push(target, key, acknowledged + 1):
            acknowledged += 1
            through[target] += 1
        if select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
            if not sys.stdin.readline():
                return
            print(json.dumps({"acknowledged": acknowledged, "through": through}), flush=True)


main()
