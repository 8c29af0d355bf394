"""Cases that are told one by one: what is done, and how the move has to end."""
import dataclasses
import typing

from suite.application import NAME
from suite.kills import other, settle
from suite.violation import NotReached, Violation

DONE = ("DONE",)
ABORTED = ("ABORTED",)
EITHER = DONE + ABORTED


@dataclasses.dataclass(frozen=True)
class Special:
    """`play(world, source, destination)` is a generator: it begins the move and brings about the fault, yields the commands that
    somebody typed when all is well again, and then may check what only its case is about. `ends`: how the move of the
    application may end; empty: it does not move."""
    what: str
    ends: tuple
    play: typing.Callable
    # None: on each.
    backend: typing.Optional[str] = None
    theme: str = ""

    @property
    def name(self):
        return f"special/{self.theme}: {self.what}"

    def is_for(self, backend):
        return self.backend in (None, backend)

    def run(self, world):
        """Carries it out, and returns how the move ended. A Violation if a promise was broken."""
        before = world.application.last_migration()
        source = world.application.owner()
        steps = self.play(world, source, other(source))
        settle(world, next(steps))
        for _ in steps:
            pass
        self.check_end(world, before, source)
        return world.outcome(before)

    def check_end(self, world, before, source):
        """A Violation if it did not end as it must, or the data is not where the journal says."""
        migration = world.application.last_migration()
        owner = world.application.owner()
        if not self.ends:
            if owner != source:
                raise Violation(f"{NAME} was not moved, but is on {owner}")
            return
        if migration == before:
            raise NotReached
        returned = world.application.returned_move()
        if returned:
            raise Violation(f"the move came back: {returned['error']}")
        if migration["state"] not in self.ends:
            raise Violation(f"the move ended {migration['state']}, and not {' or '.join(self.ends)}: {migration.get('error')}")
        expected = migration["destination" if migration["state"] == "DONE" else "source"]
        if owner != expected:
            raise Violation(f"the move ended {migration['state']}, but {NAME} is on {owner}, not on {expected}")


def plan(*themes):
    """All cases of these modules."""
    return [dataclasses.replace(case, theme=theme.__name__.rpartition(".")[2]) for theme in themes for case in theme.CASES]
