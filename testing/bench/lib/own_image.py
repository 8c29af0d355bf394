"""An image of a program of this machine, in the lab's registry, so that applications can be made of it."""
import pathlib
import re

from lib.command import run


def libraries(ldd_text):
    """The paths that `ldd` names, the dynamic linker's among them."""
    return re.findall(r"(?:=> )?(/\S+) \(0x", ldd_text)


def push_image(lab, node, program, reference, folder):
    """Makes `reference` of `program` and its libraries, and pushes it from that node."""
    archive = pathlib.Path(folder) / (pathlib.Path(program).name + ".tar")
    run(["tar", "-chf", str(archive), "--transform", "s|^/||", "-P", program, *libraries(run(["ldd", program]))])
    lab.run(node, "docker", "import", archive, reference)
    lab.run(node, "docker", "push", "-q", reference)
