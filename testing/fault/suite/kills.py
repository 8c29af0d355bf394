"""A daemon is ended by SIGKILL at each of its failpoints that a scenario gets to, and started again."""
import dataclasses
import subprocess

from lib.failure import Unmeasured
from suite.checks import await_end, check_tidy
from suite.failpoints import COORDINATOR, DAEMONS
from suite.stand import REACH_SECONDS
from suite.violation import NotReached, Violation
from suite.waiting import until

# What goes on behind the end of the command.
AFTERWARDS_SECONDS = 2
# From the order to the end of a process.
DEATH_SECONDS = 5
# Not parts of what is done for a scenario: they happen all the time, whatever goes on.
BACKGROUND = ("Get", "List", "Watch", "Check")
# Saved up to a second behind the call that it comes from, so a scenario may see those of the one before it; each move has its own.
LATER = ("fence.sequence.",)


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
        before = world.application.last_migration()
        if not _play(world, self):
            # Some places are passed only by a daemon that was started shortly before.
            source = world.application.owner()
            daemon = on_machines(self.daemon, source, other(source))
            world.lab.kill(daemon)
            world.lab.start(daemon)
            if not _play(world, self):
                raise NotReached
        return world.outcome_of_daemons_death(before)


# A scenario begins a move towards `destination`, and returns the commands that somebody typed. It calls `arm()` where its own
# cases begin; `killed()` says whether the case's daemon got to its place, so that it cannot do its part any more.


def move(world, destination, arm, killed):
    """A move as users make it."""
    del killed
    arm()
    return [world.application.begin_move(destination)]


def cancelled(world, destination, arm, killed):
    """A move that is cancelled while it copies: the source's volume service stands still meanwhile, so that the copy lasts."""
    arm()
    volume, place = f"volume@{other(destination)}", "drover.volume.v1.PushRound.called"
    # Or it is the case itself that waits there.
    if not world.failpoints.is_armed(volume, place):
        world.failpoints.arm(volume, place, "stop")
    commands = [world.application.begin_move(destination)]
    until("a copy to cancel", lambda: killed() or not world.failpoints.is_armed(volume, place), REACH_SECONDS)
    if killed():
        # Whoever has died, nobody cancels now.
        if not world.failpoints.disarm(volume, place) and world.is_running(volume):
            world.lab.kill(volume, "CONT")
        return commands
    name = world.application.last_migration()["name"]
    commands.append(world.application.begin("migrations", "cancel", name))

    def is_cancelled():
        return killed() or world.application.last_migration()["state"] == "ABORTING"
    try:
        until("the order to cancel", is_cancelled, REACH_SECONDS)
    finally:
        world.lab.kill(volume, "CONT")
    return commands


def resumed(world, destination, arm, killed):
    """A move whose coordinator dies when the source is sealed; from its next start on."""
    del killed
    place = "coordinator.journal.SEALED.after"
    world.failpoints.arm(COORDINATOR, place)
    commands = [world.application.begin_move(destination)]
    until("the end of the coordinator", lambda: not world.is_running(COORDINATOR), REACH_SECONDS)
    arm()
    try:
        world.lab.start(COORDINATOR)
    except Unmeasured:
        # Killed again when it started: then that is what the case is about.
        if world.is_running(COORDINATOR):
            raise
    return commands


def image(world, destination, arm, killed):
    """A move to a node that has to get the image first."""
    del killed
    world.lab.run(destination, "bash", "-c", "docker image rm -f $(docker images -q) && test -z \"$(docker images -q)\"")
    arm()
    return [world.application.begin_move(destination)]


SCENARIOS = {"move": move, "image": image, "cancelled": cancelled, "resumed": resumed}
# How they end when nothing comes between.
ENDS = {"move": "DONE", "image": "DONE", "cancelled": "ABORTED", "resumed": "DONE"}
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
    """The cases of one scenario: it is played once without a fault, to see where its daemons get to. Unmeasured if it does not
    end as it should: then its cases would say nothing."""
    source = world.application.owner()
    before = world.application.last_migration()
    finish(SCENARIOS[scenario](world, other(source), world.failpoints.forget_hits, lambda: False))
    await_end(world.application)
    check_tidy(world.application, world.lab.backend)
    migration = world.application.last_migration()
    if migration is None or migration == before or migration["state"] != ENDS[scenario]:
        raise Unmeasured(f"without a fault, {scenario} ended as {migration}, and not {ENDS[scenario]}")
    hits = world.failpoints.hits()
    cases = [Kill(scenario, in_roles(daemon, source), place) for daemon in DAEMONS for place in hits[daemon]
             if not is_background(place) and (scenario == "move" or not place.startswith(LATER))]
    if not cases:
        raise Unmeasured(f"{scenario}: no daemon got to a failpoint; are these the programs whose failpoints obey?")
    return cases


def finish(commands):
    """Waits for what somebody typed, who may have lost sight of the coordinator."""
    for command in commands:
        try:
            command.wait(REACH_SECONDS)
        except subprocess.TimeoutExpired:
            command.kill()
            command.wait()


def _play(world, case):
    """The scenario with its kill, and the checks; whether the place was got to."""
    source = world.application.owner()
    daemon = on_machines(case.daemon, source, other(source))
    commands = []
    try:
        commands = SCENARIOS[case.scenario](world, other(source), lambda: world.failpoints.arm(daemon, case.place),
                                            lambda: not world.failpoints.is_armed(daemon, case.place))
        _await_place(world, daemon, case.place, commands)
    finally:
        reached = not world.failpoints.disarm(daemon, case.place)
    if reached:
        until(f"the end of {daemon}", lambda: not world.is_running(daemon), DEATH_SECONDS)
        world.lab.start(daemon)
    settle(world, commands)
    return reached


def _await_place(world, daemon, place, commands):
    """Until the daemon got there, or the commands have ended, and a moment more."""
    def got_there():
        return not world.failpoints.is_armed(daemon, place)
    try:
        until(f"{daemon} at {place}", lambda: got_there() or all(command.poll() is not None for command in commands), REACH_SECONDS)
        until(f"{daemon} at {place}", got_there, AFTERWARDS_SECONDS)
    except Violation:
        # Not got to: that is what the order says that is still there.
        pass


def settle(world, commands):
    """When all is well again: the move ends, and the checks."""
    try:
        await_end(world.application)
    finally:
        finish(commands)
    check(world)


def check(world):
    """Nothing lost, never two writers, nothing left over; and it goes on."""
    world.writer.await_progress(4)
    world.census.check()
    check_tidy(world.application, world.lab.backend)
    world.writer.check_nothing_lost(world.application.read_numbers)
