"""Running programs, and ending those that run in the background by their number."""
import os
import subprocess
import tempfile

from lib.failure import Unmeasured

# Nothing that a benchmark calls takes longer, on a machine on which its figures mean anything.
LIMIT_SECONDS = 300


def run(command, limit=LIMIT_SECONDS, merge_errors=False):
    """Runs a command and returns its standard output, with its errors if asked for. Unmeasured, quoting it, if it fails."""
    errors = subprocess.STDOUT if merge_errors else subprocess.PIPE
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
                              timeout=limit, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unmeasured(f"`{' '.join(command)}` did not end within {limit} s") from error
    if done.returncode != 0:
        words = ((done.stderr or "") + done.stdout).strip()
        raise Unmeasured(f"`{' '.join(command)}` ended with exit code {done.returncode}: {words[-2000:]}")
    return done.stdout


class Background:
    """A program that runs meanwhile; a context: it is ended at the end, whatever happens."""

    def __init__(self, command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, binary=False):
        self._command = command
        self._errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=self._errors, text=not binary)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def check(self):
        """Unmeasured if it has ended by itself."""
        if self.process.poll() is not None:
            raise Unmeasured(f"`{' '.join(self._command)}` ended too early: {self.words()}")

    def words(self, limit=2000):
        """The end of what it has written to its standard error; all of it with None."""
        # Not by its file's own position, which is the program's, too.
        written = os.pread(self._errors.fileno(), os.fstat(self._errors.fileno()).st_size, 0)
        words = written.decode(errors="replace").strip()
        return words if limit is None else words[-limit:]

    def end(self):
        """Asks it to end, insists after 5 s, and waits."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self._errors.close()
