#!/usr/bin/env python3
"""Proves the layer table of ARCHITECTURE.md: who may include, and depend on, whom.

Reads every #include line and every BUILD.bazel under services/, cli/ and testing/. Prints a line
"file:line: what is wrong" for each violation; exit code 1 if there is any.

Usage: layering.py [ROOT]   (ROOT: the workspace; by default the one this file lies in)
"""

import collections
import os
import re
import sys

# What a folder is. `service` is empty outside services/NAME/.
Place = collections.namedtuple("Place", "layer service")
# The one who includes: `test` if it is test code, which may use fakes, concrete classes and gtest.
User = collections.namedtuple("User", "path layer service test")

# Sub-folders of a service that are a layer of that kind, where the name does not say it.
ALIASES = {"orchestrator": "driver"}

# Layers of the own service that each layer may use, itself included.
OWN = {
    "domain": {"domain"},
    "backend": {"domain", "backend", "gate"},
    "store": {"domain", "store", "convert"},
    "client": {"domain", "client"},
    "convert": {"domain", "convert"},
    "driver": {"domain", "backend", "store", "client", "convert", "driver", "gate"},
    "service": {"domain", "backend", "store", "client", "convert", "driver", "service", "gate"},
    "gate": {"gate"},
    "main": {"domain", "backend", "store", "client", "convert", "driver", "service", "gate", "main"},
}
# Whose client each service may use.
PEERS = {
    "coordinator": {"volume", "container", "proxy"},
    "container": {"volume", "container"},
    "volume": {"container", "volume"},
    "proxy": {"container"},
}
CLIENT_USERS = {"client", "driver", "service", "main"}
# Folders of services/common/ that a domain may use.
PURE_COMMON = {"graph", "ids", "room", "status", "time"}
# A store keeps its records as protos.
PROTO_USERS = {"store", "client", "convert", "driver", "service", "main", "common", "cli"}
CLI_SERVICES = {"coordinator"}

# Headers and libraries that would make a domain impure.
IMPURE_HEADER = re.compile(
    r"^(grpc|grpcpp|google|drover|glog|gflags|nftables|libnetfilter_conntrack|openssl|yaml-cpp|CLI"
    r"|boost|sys|linux)/"
    r"|^(sqlite3|unistd|fcntl|poll|sched|pthread|zlib)\.h$"
    r"|^(thread|mutex|shared_mutex|condition_variable|future|atomic|stop_token|fstream|filesystem"
    r"|iostream|cstdio|coroutine)$"
)
PURE_LIBRARIES = {"absl", "gtest", "gtest_main", "xxhash"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')
# "class X : public Y": an implementation, which only main.cc may name.
DERIVES = re.compile(r"^class \w+( final)?\s*:\s*public\b", re.MULTILINE)
SOURCES = (".h", ".cc")


def place_of(path):
    """The place of a file or folder, by its path from the root."""
    parts = path.split("/")
    if parts[0] == "proto" or parts[0] == "drover":
        return Place("proto", "")
    if parts[0] != "services":
        return Place(parts[0], "")
    if len(parts) == 1:
        return Place("unknown", "")
    service = parts[1]
    if service in ("common", "config"):
        return Place(service, parts[2] if len(parts) > 2 else "")
    if len(parts) == 2 or (len(parts) == 3 and parts[2].endswith(SOURCES + ("BUILD.bazel",))):
        return Place("main", service)
    return Place(ALIASES.get(parts[2], parts[2]), service)


def is_test_file(path):
    name = os.path.basename(path)
    return (name.endswith("_test.cc") or name.startswith("fake_")
            or "testing" in path.split("/")[:-1])


def refusal(user, target, is_fake, is_concrete):
    """Why `user` may not use something at `target`; None if it may."""
    if user.test and target.layer == "testing":
        return None
    if target.layer == "testing" and user.layer != "testing":
        return "nothing outside testing/ may use testing/"
    if is_fake and not user.test:
        return "production code may not use a fake"
    if user.layer == "testing" or target.layer == "third_party":
        return None
    if user.layer == "common":
        return None if target.layer in ("common", "proto") else "common knows no service"
    if user.layer == "config":
        return None if target.layer in ("common", "config", "proto") else (
            "config may use only services/common and itself")
    if user.layer == "cli":
        allowed = (target.layer in ("cli", "common", "config", "proto")
                   or (target.layer == "client" and target.service in CLI_SERVICES))
        return None if allowed else (
            "cli may use only the coordinator's client, services/config, services/common and "
            "protos")
    if user.layer not in OWN:
        return ('"%s" is no layer: name the folder after one, or add it to layering.py'
                % user.layer)
    return service_refusal(user, target, is_concrete)


def service_refusal(user, target, is_concrete):
    """As refusal, for code of a service's layer."""
    layer = user.layer
    if target.layer == "proto":
        return None if layer in PROTO_USERS else "%s may not use protos" % layer
    if target.layer == "common":
        if layer != "domain" or user.test or target.service in PURE_COMMON:
            return None
        return "domain may use only services/common/{%s}" % ",".join(sorted(PURE_COMMON))
    if target.layer == "config":
        return "only the CLI reads the users' files: the wire carries protos"
    if target.layer == "cli":
        return "nothing may use the CLI"
    if target.service == user.service:
        if user.test:
            return None
        if target.layer not in OWN[layer]:
            return "%s may not use %s" % (layer, target.layer)
        if is_concrete and layer in ("driver", "service") and target.layer != layer:
            return "%s may use only interfaces; main.cc names the concrete class" % layer
        return None
    # The wire between the gate and the volume service's gate keeper is one header that both read.
    if (user.service, layer, target.layer) == ("volume", "driver", "gate"):
        return None
    if target.layer != "client":
        return "services reach each other only through their client"
    if target.service not in PEERS.get(user.service, ()):
        return "the %s service does not call the %s service" % (user.service, target.service)
    if user.test:
        return None
    if layer not in CLIENT_USERS:
        return "%s may not use a client" % layer
    if is_concrete and layer != "main":
        return "only main.cc names the concrete client"
    return None


class Tree:
    """The sources below a root."""

    def __init__(self, root):
        self.root = root
        self.violations = []
        self.beast_users = []

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def files(self):
        for top in ("services", "cli", "testing"):
            for folder, folders, names in os.walk(os.path.join(self.root, top)):
                folders.sort()
                for name in sorted(names):
                    yield os.path.relpath(os.path.join(folder, name), self.root)

    def report(self, path, line, message):
        self.violations.append("%s:%d: %s" % (path, line, message))

    def is_concrete(self, path):
        exists = os.path.exists(os.path.join(self.root, path))
        return exists and DERIVES.search(self.read(path)) is not None

    def check_includes(self, path):
        place = place_of(path)
        user = User(path, place.layer, place.service, is_test_file(path))
        for number, line in enumerate(self.read(path).splitlines(), 1):
            match = INCLUDE.match(line)
            if match is None:
                continue
            header = match.group(1) or match.group(2)
            written = '"%s"' % header if match.group(1) else "<%s>" % header
            why = self.include_refusal(user, header)
            if why is not None:
                self.report(path, number, "%s may not include %s: %s" % (user.layer, written, why))
            if header.startswith("boost/beast"):
                self.beast_users.append((path, number))

    def include_refusal(self, user, header):
        if (user.layer == "domain" and not user.test and IMPURE_HEADER.search(header)):
            return "a domain holds pure rules, without files, threads, gRPC, Asio, logs or protos"
        if header.split("/")[0] not in ("services", "cli", "testing", "drover"):
            return None
        is_fake = os.path.basename(header).startswith("fake_")
        return refusal(user, place_of(header), is_fake, self.is_concrete(header))

    def check_beast(self):
        """Beast is slow to compile: one .cc hides it."""
        folders = {path for path, _ in self.beast_users}
        for path, number in self.beast_users:
            if not path.endswith(".cc") or (len(folders) > 1 and path != min(folders)):
                self.report(path, number, "Beast belongs into one .cc alone (it is included in %s)"
                            % ", ".join(sorted(folders)))

    def check_build(self, path):
        package = os.path.dirname(path)
        for rule in rules_of(self.read(path), path):
            place = place_of(package)
            test = rule.kind in ("cc_test", "sh_test") or rule.testonly or package == "testing"
            user = User(path, place.layer, place.service,
                        test or "testing" in package.split("/"))
            for dep in rule.deps:
                dep_package, name = label_parts(dep, package)
                why = self.dep_refusal(user, dep_package, name)
                if why is not None:
                    self.report(path, rule.line, "%s of %s may not depend on %s: %s"
                                % (rule.name, user.layer, dep, why))

    def dep_refusal(self, user, package, name):
        if package == "third_party":
            if user.layer == "domain" and name not in PURE_LIBRARIES and not user.test:
                return "a domain uses Abseil and nothing else"
            return None
        concrete = self.is_concrete("%s/%s.h" % (package, name))
        return refusal(user, place_of(package), name.startswith("fake_"), concrete)

    def check(self):
        for path in self.files():
            if path.endswith(SOURCES):
                self.check_includes(path)
            elif os.path.basename(path) == "BUILD.bazel":
                self.check_build(path)
        self.check_beast()
        return self.violations


Rule = collections.namedtuple("Rule", "kind name deps testonly line")


class Recorder(dict):
    """The scope a BUILD file runs in: each call of an unknown name becomes a Rule."""

    def __init__(self):
        super().__init__(__builtins__={})
        self.rules = []

    def __missing__(self, kind):
        def record(*_, **arguments):
            self.rules.append(Rule(kind, arguments.get("name", ""),
                                   list(arguments.get("deps") or []),
                                   bool(arguments.get("testonly")),
                                   sys._getframe(1).f_lineno))
            return []
        return record


def rules_of(text, path):
    """The rules of a BUILD file, by running it: for what we write there, it is Python."""
    scope = Recorder()
    exec(compile(text, path, "exec"), scope)
    return scope.rules


def label_parts(label, package):
    """("services/x", "y") of "//services/x:y", ":y" or "//services/x/y"."""
    if label.startswith(":"):
        return package, label[1:]
    path, _, name = label.lstrip("/").partition(":")
    return path, name or os.path.basename(path)


def main(arguments):
    here = os.path.dirname(os.path.realpath(__file__))
    root = arguments[1] if len(arguments) > 1 else os.path.dirname(os.path.dirname(here))
    violations = Tree(root).check()
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
