#!/usr/bin/env python3
"""Proves that every durable step has its failpoints: each method of these interfaces that changes something, in the class that
users get. Calls have theirs in one place, services/common/async/server_call.h.

Prints a line "file: what is wrong" for each step without; exit code 1 if there is any.

Usage: failpoints.py [ROOT]   (ROOT: the workspace; by default the one this file lies in)
"""
import os
import re
import sys

# Interface, the file in which its failpoints are, its class there, and the methods that change nothing that lasts.
INTERFACES = (
    ("services/coordinator/store/coordinator_store.h", "services/coordinator/store/sqlite_store.cc", "SqliteStore",
     {"Load", "LoadAudit"}),
    ("services/volume/backend/storage_backend.h", "services/volume/backend/failpoint_backend.cc", "FailpointBackend",
     {"Kind", "GetPool", "ReadRecords", "UsedBytes", "ListSnapshots", "CheckNoNested", "CheckUnchangedSince", "SendCommand",
      "HeldCopiesWedgeUnmount", "IsMountOf"}),
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


def faults(read):
    """Yields what is wrong; `read(path)` answers a file's text."""
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
        if not re.search(r'HitFailpoint\(\{\w+\}, "%s"\)' % place, calls):
            yield f"{SERVER_CALLS}: no failpoint `{place}`"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.realpath(__file__)), "../..")

    def read(path):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            return file.read()
    found = list(faults(read))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
