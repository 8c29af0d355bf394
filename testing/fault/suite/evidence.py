"""What is kept of a case that found something: what the daemons, the application and its user have said."""
import contextlib
import pathlib
import re
import shutil

from lib.failure import Unmeasured


def keep(world, folder, case):
    """Copies it into a folder of the case's own below `folder`."""
    place = pathlib.Path(folder) / re.sub(r"[^\w.@]+", "-", case)[:100]
    for log in world.lab.folder.glob("machines/*/log"):
        shutil.copytree(log, place / log.parent.name, dirs_exist_ok=True)
    (place / "writer.log").write_text(world.writer.complaints(), encoding="utf-8")
    # It may be what does not answer.
    with contextlib.suppress(Unmeasured):
        (place / "requests.log").write_text(world.application.last_requests(), encoding="utf-8")
