"""drover_daemon: a daemon's program, and the same with failpoints that obey."""

def drover_daemon(name, srcs, deps):
    """Makes NAME, and for tests failpoints/NAME.

    Args:
      name: the program's name.
      srcs: main.cc.
      deps: what it wires together.
    """
    native.cc_library(
        name = name + "-main",
        srcs = srcs,
        deps = deps,
        alwayslink = True,
    )
    native.cc_binary(
        name = name,
        visibility = ["//visibility:public"],
        deps = [":" + name + "-main"],
    )
    native.cc_binary(
        name = "failpoints/" + name,
        testonly = True,
        visibility = ["//visibility:public"],
        deps = [
            ":" + name + "-main",
            "//services/common/failpoint:armed",
        ],
    )
