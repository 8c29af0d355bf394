"""drover_proto: C++ messages (and services) of a folder's .proto files, made with Debian's protoc."""

def drover_proto(name, srcs, deps = [], grpc = False, visibility = None):
    """Generates and compiles `srcs`.

    Args:
      name: the cc_library's name.
      srcs: .proto files of this package.
      deps: other drover_proto targets whose protos are imported.
      grpc: whether the files define services.
      visibility: of the library.
    """
    package = native.package_name()
    stems = [src[:-len(".proto")] for src in srcs]
    outs = []
    for stem in stems:
        outs += [stem + ".pb.h", stem + ".pb.cc"]
        if grpc:
            outs += [stem + ".grpc.pb.h", stem + ".grpc.pb.cc"]
    native.filegroup(
        name = name + "_srcs",
        srcs = srcs + [dep + "_srcs" for dep in deps],
        visibility = ["//proto:__subpackages__"],
    )

    # Actions are not sandboxed: each needs a folder of its own.
    out_dir = "proto_out_" + package.replace("/", "_") + "_" + name
    grpc_args = ["--grpc_out=" + out_dir, "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin"]
    command = [
        "set -e; mkdir -p %s; /usr/bin/protoc -Iproto -I/usr/include --cpp_out=%s" % (out_dir, out_dir),
    ] + (grpc_args if grpc else []) + ["$(location %s)" % src for src in srcs]
    native.genrule(
        name = name + "_gen",
        srcs = [name + "_srcs"] + srcs,
        outs = outs,
        cmd = " ".join(command) + " && cp %s/%s/*.pb.* $(RULEDIR)/ && rm -rf %s" % (out_dir, package[len("proto/"):], out_dir),
    )
    native.cc_library(
        name = name,
        srcs = [out for out in outs if out.endswith(".cc")],
        hdrs = [out for out in outs if out.endswith(".h")],
        copts = ["-w"],
        strip_include_prefix = "/proto",
        visibility = visibility,
        deps = deps + ["//third_party:protobuf"] + (["//third_party:grpc"] if grpc else []),
    )
