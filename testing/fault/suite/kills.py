"""A daemon is ended by SIGKILL at each of its failpoints that a scenario gets to, and started again."""
import dataclasses
import subprocess

from lib.failure import Unmeasured
from suite.checks import await_end, check_tidy
from suite.failpoints import DAEMONS
from suite.violation import Violation
from suite.waiting import until

# What a case may take until it gets to its place.
REACH_SECONDS = 20
# What goes on behind the end of the command.
AFTERWARDS_SECONDS = 2
# Until a coordinator that will end has ended, when nothing else keeps the move from it.
RESUME_SECONDS = 3
# From the order to the end of a process.
DEATH_SECONDS = 5
# Not parts of what is done for a scenario: they happen all the time, whatever goes on.
BACKGROUND = ("Get", "List", "Watch", "Check")
COORDINATOR = "coordinator@client"


class NotReached(Exception):
    """The scenario went another way this time."""


@dataclasses.dataclass(frozen=True)
class Kill:
    """`daemon`: coordinator@client, or one @source or @destination of the move."""
    scenario: str
    daemon: str
    place: str

    @property
    def name(self):
        return f"{self.scenario}: {self.daemon} killed at {self.place}"

    def run(self, world):
        """Carries it out, and returns how the move ended. A Violation if a promise was broken; NotReached if the place was
        not got to."""
        if not _play(world, self):
            # Some places are passed only by a daemon that was started shortly before.
            source = world.application.owner()
            daemon = on_machines(self.daemon, source, other(source))
            world.lab.kill(daemon)
            world.lab.start(daemon)
            if not _play(world, self):
                raise NotReached
        return f"{world.application.last_migration()['state']}, {world.application.owner()}"


# A scenario begins a move, and returns the commands that somebody typed. `killed()` says whether the case's daemon got to its
# place, so that it cannot do its part any more.


def move(world, destination, killed):
    """A move as users make it."""
    del killed
    return [world.application.begin_move(destination)]


def cancelled(world, destination, killed):
    """A move that is cancelled when it has begun."""
    before = world.application.last_migration()["name"]
    commands = [world.application.begin_move(destination, "--bandwidth", "1MB")]

    def cancel():
        if killed():
            return True
        migration = world.application.last_migration()
        if migration["name"] == before:
            return False
        commands.append(world.application.begin("migrations", "cancel", migration["name"]))
        return True
    until("a migration to cancel", cancel, REACH_SECONDS)
    return commands


def resumed(world, destination, killed):
    """A move whose coordinator dies when the source is sealed, and goes on with it after its next start."""
    place = "coordinator.journal.SEALED.after"
    world.failpoints.arm(COORDINATOR, place)
    commands = [world.application.begin_move(destination)]
    try:
        until("the end of the coordinator", lambda: killed() or not world.is_running(COORDINATOR), RESUME_SECONDS)
        if not killed():
            world.lab.start(COORDINATOR)
    except (Unmeasured, Violation):
        # Killed again when it started: that is what the case is about.
        pass
    world.failpoints.disarm(COORDINATOR, place)
    return commands


def image(world, destination, killed):
    """A move to a node that has to get the image first."""
    del killed
    world.lab.run(destination, "bash", "-c", "docker image rm -f $(docker images -q) 2>/dev/null || true")
    return [world.application.begin_move(destination)]


SCENARIOS = {"move": move, "image": image, "cancelled": cancelled, "resumed": resumed}
# Of these, only the places that a usual move does not get to.
ONLY_NEW = ("image",)


def in_roles(daemon, source):
    """coordinator@client stays; volume@node1 becomes volume@source or volume@destination."""
    name, machine = daemon.split("@")
    return daemon if machine == "client" else f"{name}@{'source' if machine == source else 'destination'}"


def on_machines(daemon, source, destination):
    return daemon.replace("@source", f"@{source}").replace("@destination", f"@{destination}")


def is_background(place):
    """`drover.volume.v1.GetGroup.called`: a call that changes nothing."""
    words = place.split(".")
    return words[0] in ("drover", "grpc") and words[-2].startswith(BACKGROUND)


def other(node):
    return "node2" if node == "node1" else "node1"


def plan_all(world, scenarios):
    """The cases of these scenarios, in that order."""
    # What happens only the first time on a new lab is not what they are about.
    plan(world, "move")
    usual = {(case.daemon, case.place) for case in plan(world, "move")}
    return [case for scenario in scenarios for case in plan(world, scenario)
            if scenario not in ONLY_NEW or (case.daemon, case.place) not in usual]


def plan(world, scenario):
    """The cases of one scenario: it is played once without a fault, to see where its daemons get to."""
    source = world.application.owner()
    world.failpoints.forget_hits()
    finish(SCENARIOS[scenario](world, other(source), lambda: False))
    await_end(world.application)
    hits = world.failpoints.hits()
    return [Kill(scenario, in_roles(daemon, source), place) for daemon in DAEMONS for place in hits[daemon]
            if not is_background(place)]


def finish(commands):
    """Waits for what somebody typed; what it says is not asked for: it may have lost sight of the coordinator."""
    for command in commands:
        try:
            command.communicate(timeout=REACH_SECONDS)
        except subprocess.TimeoutExpired:
            command.kill()
            command.communicate()


def _play(world, case):
    """The scenario with its kill, and the checks; whether the place was got to."""
    source = world.application.owner()
    daemon = on_machines(case.daemon, source, other(source))
    world.failpoints.arm(daemon, case.place)
    commands = SCENARIOS[case.scenario](world, other(source), lambda: not world.failpoints.is_armed(daemon, case.place))
    reached = _await_place(world, daemon, case.place, commands)
    if reached:
        until(f"the end of {daemon}", lambda: not world.is_running(daemon), DEATH_SECONDS)
        world.lab.start(daemon)
    try:
        await_end(world.application)
    finally:
        finish(commands)
    check(world)
    return reached


def _await_place(world, daemon, place, commands):
    """Whether the daemon got there, while the commands ran or shortly after."""
    def got_there():
        return not world.failpoints.is_armed(daemon, place)
    try:
        until(f"{daemon} at {place}", lambda: got_there() or all(command.poll() is not None for command in commands), REACH_SECONDS)
        until(f"{daemon} at {place}", got_there, AFTERWARDS_SECONDS)
    except Violation:
        pass
    return not world.failpoints.disarm(daemon, place)


def check(world):
    """Nothing lost, never two writers, nothing left over; and it goes on."""
    world.writer.await_progress(4)
    world.census.check()
    check_tidy(world.application, world.lab.backend)
    world.writer.check_nothing_lost(world.application.read_numbers)
