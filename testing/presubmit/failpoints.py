#!/usr/bin/env python3
"""Proves that every durable step has its failpoints: each method of these interfaces that changes something, in the class that
users get, and each use of what writes small files. Calls have theirs in one place, services/common/async/server_call.h.

Prints a line "file: what is wrong" for each step without; exit code 1 if there is any.

Usage: failpoints.py [ROOT]   (ROOT: the workspace; by default the one this file lies in)
"""
import os
import re
import sys

# Interface, the file in which its failpoints are, its class there, and the methods that change nothing that lasts.
INTERFACES = (
    ("services/coordinator/store/coordinator_store.h", "services/coordinator/store/sqlite_store.cc", "SqliteStore",
     {"Load", "BackUp", "LoadAudit"}),
    ("services/volume/backend/storage_backend.h", "services/volume/backend/failpoint_backend.cc", "FailpointBackend",
     {"Kind", "GetPool", "ReadRecords", "UsedBytes", "ListSnapshots", "CheckNoNested", "CheckRollBack", "CheckUnchangedSince",
      "SendCommand", "FullStreamReplaces", "HeldCopiesWedgeUnmount", "IsMountOf"}),
    ("services/volume/backend/host.h", "services/volume/backend/linux_host.cc", "LinuxHost",
     {"IsSlot", "Identify", "CgroupOf", "SeesInCgroup", "IsCgroupEmpty", "AllMounts"}),
    ("services/container/store/start_store.h", "services/container/store/file_start_store.cc", "FileStartStore", {"Load"}),
    # An image that is there or not decides nothing.
    ("services/container/backend/container_engine.h", "services/container/backend/docker_engine.cc", "DockerEngine",
     {"GetVersion", "InspectImage", "PullImage", "ExportImage", "ImportImage", "InspectContainer", "ListContainers",
      "WatchEvents", "ReadLogs", "CopyOut", "Exec"}),
    ("services/proxy/backend/route_store.h", "services/proxy/backend/file_route_store.cc", "FileRouteStore", {"Load"}),
    # Ensure and Remove: the table without routes, which a daemon makes before it does anything else.
    ("services/proxy/backend/kernel_table.h", "services/proxy/backend/nftables_table.cc", "NftablesTable",
     {"Ensure", "Remove", "ReadRoutes", "IsUntouched", "ReadHolds"}),
)
# What makes a file durable; and whose uses of it need no failpoints around them.
DURABLE = re.compile(r"\b(WriteFileDurably|RemoveFileDurably|DurableLog::Open|log_?(?:->|\.)(?:Append|Clear))\(")
EXEMPT = {
    "services/common/file": "they are made here",
    "services/common/tls": "commands that somebody types, where no daemon writes",
    "services/volume/backend/btrfs_backend.cc": "behind FailpointBackend, but for the pool's identity: made before anything else",
    "services/volume/backend/pool_layout.cc": "behind FailpointBackend",
}
SERVER_CALLS = "services/common/async/server_call.h"
CALL_PLACES = ("called", "done", "replied")
METHOD = re.compile(r"^  virtual [\w:<>, ]+?[ \n]+(\w+)\(", re.MULTILINE)
PLACE = re.compile(r"\b(BetweenFailpoints|Between|EngineFailpoints)\b")


def methods_of(text):
    """The virtual methods of an interface, the destructor apart."""
    return METHOD.findall(text)


def body_of(text, class_name, method):
    """The definition of CLASS::METHOD, up to its closing brace; empty if there is none."""
    match = re.search(r"^[^\n]*\b%s::%s\(.*?^}" % (class_name, method), text, re.MULTILINE | re.DOTALL)
    return match.group(0) if match else ""


def definition_around(text, place):
    """The top-level definition around that offset: from the last line before it that is not indented to its closing brace."""
    begin = max((match.start() for match in re.finditer(r"^(?=[^\s}#/])", text[:place], re.MULTILINE)), default=0)
    end = text.find("\n}", place)
    return text[begin:end if end >= 0 else len(text)]


def is_exempt(path):
    is_test = re.search(r"_test\.|^fake_", os.path.basename(path)) or "/testing/" in path
    return is_test or any(path == known or path.startswith(known + "/") for known in EXEMPT)


def unguarded_writes(read, paths):
    """Yields each use of what writes small files that no failpoints are around."""
    for path in paths:
        if is_exempt(path):
            continue
        text = read(path)
        for use in DURABLE.finditer(text):
            if not PLACE.search(definition_around(text, use.start())):
                line = text.count("\n", 0, use.start()) + 1
                yield (f"{path}:{line}: {use.group(1)} has no failpoints; put them around it "
                       "(services/common/failpoint/failpoint.h), or say in testing/presubmit/failpoints.py why it needs none")


def sources(root):
    """The daemons' own code, as paths from `root`."""
    for folder, _, names in os.walk(os.path.join(root, "services")):
        for name in sorted(names):
            if name.endswith((".cc", ".h")):
                yield os.path.relpath(os.path.join(folder, name), root)


def faults(read, paths):
    """Yields what is wrong; `read(path)` answers a file's text, `paths` are the daemons' sources."""
    yield from unguarded_writes(read, paths)
    for interface, implementation, class_name, reads in INTERFACES:
        methods = methods_of(read(interface))
        if not methods:
            yield f"{interface}: no virtual methods found"
        for unknown in sorted(reads - set(methods)):
            yield f"{interface}: has no {unknown}, which testing/presubmit/failpoints.py lists"
        text = read(implementation)
        for method in methods:
            if method not in reads and not PLACE.search(body_of(text, class_name, method)):
                yield (f"{implementation}: {class_name}::{method} has no failpoints; put them around it "
                       "(services/common/failpoint/failpoint.h), or list it as one that changes nothing that lasts")
    calls = read(SERVER_CALLS)
    for place in CALL_PLACES:
        if not re.search(r'HitFailpoint\(\{[\w>-]+\}, "%s"\)' % place, calls):
            yield f"{SERVER_CALLS}: no failpoint `{place}`"
    ends = re.findall(r"void OnDone\(\) override \{(.*?)\}", calls, re.DOTALL)
    if not all("HitFailpoint" in end for end in ends):
        yield f"{SERVER_CALLS}: a kind of call has no failpoint at its end"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.realpath(__file__)), "../..")

    def read(path):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            return file.read()
    found = list(faults(read, sources(root)))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
