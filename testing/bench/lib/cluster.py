"""Drover on the lab, as its users see it: files, the command line, Redis."""
import dataclasses
import json
import pathlib

from lib.failure import Unmeasured


@dataclasses.dataclass(frozen=True)
class App:
    """One application of application.yml."""
    name: str
    image: str
    # External port -> the application's own.
    ports: dict
    mountpoint: str = "/data"
    # Further lines, indented by four blanks.
    more: str = ""

    @property
    def container(self):
        return f"drover--{self.name}"


def application_yaml(apps):
    """The text of application.yml."""
    lines = ["version: 1", "applications:" + ("" if apps else " {}")]
    for app in apps:
        lines += [f"  {app.name}:", f'    image: "{app.image}"']
        if app.ports:
            lines.append("    ports:")
            lines += [f"    - {{internal: {own}, external: {port}}}" for port, own in sorted(app.ports.items())]
        if app.mountpoint:
            lines += ["    volume:", f'      mountpoint: "{app.mountpoint}"']
        if app.more:
            lines.append(app.more.rstrip("\n"))
    return "\n".join(lines) + "\n"


def deployment_yaml(placement):
    """The text of deployment.yml; `placement` maps a node to the names of its applications."""
    lines = ["version: 1", "nodes:"]
    lines += [f'  "{node}": [{", ".join(names)}]' for node, names in sorted(placement.items())]
    return "\n".join(lines) + "\n"


class Cluster:
    """Works from the lab's client machine; `folder` takes the two files."""

    def __init__(self, lab, folder):
        self.lab = lab
        self._folder = pathlib.Path(folder)

    def write_files(self, apps, placement):
        """Writes both files and returns their paths."""
        paths = [self._folder / "deployment.yml", self._folder / "application.yml"]
        paths[0].write_text(deployment_yaml(placement), encoding="utf-8")
        paths[1].write_text(application_yaml(apps), encoding="utf-8")
        return [str(path) for path in paths]

    def drover(self, *arguments):
        """`drover ARGUMENTS -o json`, decoded."""
        return json.loads(self.lab.run("client", "drover", *arguments, "-o", "json"))

    def deploy(self, apps, placement):
        return self.drover("deploy", "--yes", *self.write_files(apps, placement))

    def move(self, name, node):
        """Moves one application and returns its migration, which is DONE."""
        migration = self.drover("move", name, node)
        if migration.get("state") != "DONE" or migration.get("error"):
            raise Unmeasured(f"the move of {name} to {node} ended as {migration.get('state')}: {migration.get('error')}")
        return migration

    def redis(self, node, port, *words):
        """redis-cli on the client machine: its output. Unmeasured if Redis answers by an error."""
        return self.lab.run("client", "redis-cli", "-e", "-h", node, "-p", port, *words).strip()
