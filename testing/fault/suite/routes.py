"""The way to the application while it is held: proxies that die, links that are cut, and applications that change places."""
import functools

from lib.cluster import App
from suite.application import NAME
from suite.special import DONE, EITHER, Special
from suite.staged import Cut, Death, strike
from suite.stand import in_state
from suite.violation import Violation

HELD_IN = ("SEALED", "COMMITTED", "ACTIVE")
LEFT, RIGHT = "left", "right"
PORTS = (7001, 7002)
BLIND_SECONDS = 10
# Serves what it wrote at its first start of all.
SERVER = """    entrypoint: ["busybox", "sh", "-c", "[ -e /data/born ] || busybox date +%s.%N > /data/born; exec busybox httpd -f -p 80 -h /data"]"""


def struck(fault, state, world, source, destination):
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    strike(world, stand, fault, {"source": source, "destination": destination, "client": "client"})
    yield commands


def swapped(nodes, ports, world, source, destination):
    """Two further applications change places in one deploy: their nodes, their external ports, or both."""
    def app(name, port):
        return App(name, world.application.image, {port: 80}, more=SERVER)

    def born(port):
        return [world.lab.run("client", "curl", "--silent", "--show-error", "--fail", f"http://{node}:{port}/born")
                for node in (source, destination)]

    def deploy(left_node, right_node, left_port, right_port):
        placement = {source: [NAME], destination: []}
        placement[left_node].append(LEFT)
        placement[right_node].append(RIGHT)
        world.application.deploy([app(LEFT, left_port), app(RIGHT, right_port)], placement)
    try:
        deploy(source, destination, *PORTS)
        before = [born(port) for port in PORTS]
        deploy(*((destination, source) if nodes else (source, destination)), *(reversed(PORTS) if ports else PORTS))
        after = [born(port) for port in (reversed(PORTS) if ports else PORTS)]
        if after != before:
            raise Violation(f"{LEFT} and {RIGHT} were {before}, and are {after}")
    finally:
        world.application.delete_others()
    yield []


def blind(world, source, destination):
    """The container service is restarted while its engine stands still: it cannot know where its application is, which goes on."""
    del destination
    world.lab.kill(f"docker@{source}", "STOP")
    try:
        world.lab.kill(f"container@{source}")
        world.lab.start(f"container@{source}")
        world.writer.await_progress(4, BLIND_SECONDS)
    finally:
        world.lab.kill(f"docker@{source}", "CONT")
    yield []


CASES = (
    [Special(f"{fault} while held, in {state}", DONE if state != "SEALED" else EITHER, functools.partial(struck, fault, state))
     for state in HELD_IN for fault in (Death("proxy", "source"), Death("proxy", "destination"), Cut("client", "both"),
                                        Cut("client", "both", "source"), Cut("client", "both", "destination"))]
    + [Special(f"two applications swap {what} in one deploy", (), functools.partial(swapped, nodes, ports))
       for what, nodes, ports in (("nodes", True, False), ("ports", False, True), ("nodes and ports", True, True))]
    + [Special("the container service is restarted while its engine stands still", (), blind)])
