#!/usr/bin/env python3
"""Shells complete what a person begins to type, by what `drover completion` prints: a Tab in a real
shell on a terminal. Argument: the program."""
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

# How a shell without anybody's settings is begun, and what makes it complete.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(drover completion bash)"),
    "zsh": (["zsh", "-f", "-i"],
            "autoload -Uz compinit; compinit -u -D; source <(drover completion zsh)"),
}
# What is typed before the Tab, and what stands there after it.
CASES = [
    ("drover sta", "drover status"),
    ("drover nodes a", "drover nodes add"),
    ("drover status --out", "drover status --output"),
    ("drover ca issue coo", "drover ca issue coordinator"),
    ("drover config check my-appl", "drover config check my-applications.yml"),
]
SECONDS = 30


class Shell:
    def __init__(self, command, folder):
        self.master, slave = pty.openpty()
        environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "TERM": "dumb", "HOME": folder,
                       "PS1": "$ ", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=folder,
                                        env=environment, start_new_session=True)
        os.close(slave)

    def type(self, text):
        os.write(self.master, text.encode())

    def await_text(self, wanted):
        """Whether it says that in time, and what it said."""
        said = ""
        end = time.monotonic() + SECONDS
        while wanted not in said and time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                said += os.read(self.master, 4096).decode(errors="replace")
        return wanted in said, said

    def end(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def check(name, folder):
    command, setup = SHELLS[name]
    shell = Shell(command, folder)
    try:
        # The sum is in no echo of what was typed.
        shell.type(f"{setup}; echo ready-$((40 + 2))\n")
        ready, said = shell.await_text("ready-42")
        if not ready:
            return [f"{name} does not begin: {said!r}"]
        problems = []
        for typed, wanted in CASES:
            shell.type(typed + "\t")
            completed, said = shell.await_text(wanted)
            if not completed:
                problems.append(f"{name}: {typed!r} and Tab are not {wanted!r} but {said!r}")
            shell.type("\x15echo next-$((40 + 2))\n")
            shell.await_text("next-42")
        return problems
    finally:
        shell.end()


def main():
    program = os.path.abspath(sys.argv[1])
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/bin")
        os.symlink(program, f"{folder}/bin/drover")
        open(f"{folder}/my-applications.yml", "w").close()
        for name in SHELLS:
            if shutil.which(name) is None:
                problems.append(f"{name} is not on this machine")
            else:
                problems += check(name, folder)
    print("\n".join(problems) or f"{len(CASES)} completions in each of {', '.join(SHELLS)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
