#!/usr/bin/env python3
"""Shows that layering.py catches what the layer table forbids, and nothing else."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import layering  # noqa: E402


def violations(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return layering.Tree(root).check()


DOMAIN = "services/volume/domain/rules.cc"


class LayeringTest(unittest.TestCase):
    def refused(self, path, text, part):
        found = violations({path: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(part, found[0])

    def accepted(self, path, text):
        self.assertEqual(violations({path: text}), [])

    def test_names_file_line_and_header(self):
        self.refused(DOMAIN, "// A rule.\n#include <grpcpp/grpcpp.h>\n",
                     DOMAIN + ":2: domain may not include <grpcpp/grpcpp.h>: ")

    def test_a_domain_is_pure(self):
        for header in ("<boost/asio.hpp>", "<sqlite3.h>", "<glog/logging.h>", "<thread>",
                       "<mutex>", "<fstream>", "<filesystem>", "<unistd.h>",
                       '"drover/volume/v1/volume.pb.h"', '"services/common/async/task.h"',
                       '"services/volume/backend/pool.h"'):
            self.refused(DOMAIN, "#include %s\n" % header, "domain may not include")
        for header in ("<map>", '"absl/status/status.h"', '"services/common/ids/ids.h"',
                       '"services/volume/domain/state.h"'):
            self.accepted(DOMAIN, "#include %s\n" % header)

    def test_services_meet_only_at_clients(self):
        driver = "services/volume/driver/seal.cc"
        self.accepted(driver, '#include "services/container/client/container_client.h"\n')
        self.refused(driver, '#include "services/container/driver/start.h"\n', "only through")
        self.refused(driver, '#include "services/proxy/client/proxy_client.h"\n', "does not call")

    def test_only_main_names_concrete_classes(self):
        backend = {"services/volume/backend/zfs.h": "class Zfs : public Pool {\n"}
        include = '#include "services/volume/backend/zfs.h"\n'
        driver = "services/volume/driver/seal.cc"
        self.assertEqual(len(violations({**backend, driver: include})), 1)
        self.assertEqual(violations({**backend, "services/volume/main.cc": include}), [])
        test = "services/volume/driver/seal_test.cc"
        self.assertEqual(violations({**backend, test: include}), [])

    def test_production_uses_neither_fakes_nor_testing(self):
        self.refused("services/volume/driver/seal.cc",
                     '#include "services/volume/backend/fake_pool.h"\n', "fake")
        self.refused("services/volume/main.cc", '#include "testing/lab/lab.h"\n', "testing/")
        self.refused("cli/main.cc", '#include "testing/lab/lab.h"\n', "testing/")

    def test_the_cli_knows_the_coordinator_only(self):
        self.accepted("cli/move.cc",
                      '#include "services/coordinator/client/coordinator_client.h"\n')
        self.refused("cli/move.cc", '#include "services/volume/client/volume_client.h"\n', "cli")
        self.refused("cli/move.cc", '#include "services/coordinator/store/store.h"\n', "cli")

    def test_beast_is_hidden_in_one_cc(self):
        beast = "#include <boost/beast/http.hpp>\n"
        self.accepted("services/container/backend/http.cc", beast)
        self.refused("services/container/backend/http.h", beast, "Beast")
        self.assertEqual(len(violations({"services/container/backend/a.cc": beast,
                                         "services/container/backend/b.cc": beast})), 1)

    def test_an_unknown_folder_is_asked_about(self):
        self.refused("services/volume/helpers/x.cc", '#include "services/common/ids/ids.h"\n',
                     "no layer")

    def test_build_dependencies_count_too(self):
        build = "services/volume/domain/BUILD.bazel"
        self.refused(build, 'cc_library(\n    name = "x",\n    deps = ["//third_party:grpc"],\n)\n',
                     build + ":1: x of domain may not depend on //third_party:grpc")
        self.refused(build, 'cc_library(name = "x", deps = ["//services/volume/driver"])\n',
                     "domain may not use driver")
        self.accepted(build, '[cc_test(name = t, deps = [":" + t, "//third_party:gtest_main"])'
                             ' for t in ["a"]]\n')
        self.refused("services/volume/driver/BUILD.bazel",
                     'cc_library(name = "x", deps = ["//services/volume/backend:fake_pool"])\n',
                     "fake")


if __name__ == "__main__":
    unittest.main()
