"""A progress bar for long commands: one line that moves in a terminal, now and then a line in a log."""

import time

from django.core.management.base import OutputWrapper

WIDTH = 30
LINES_IN_A_LOG = 10


class Progress:
    """How far a command has come, how fast it goes, and how long it still takes.

    Args:
        total: how many there are to do.
        done: how many of them were done before.
    """

    def __init__(self, stream: OutputWrapper, total: int, done: int = 0) -> None:
        self.stream = stream
        self.total = total
        self.done = self.done_before = done
        self.started = time.monotonic()
        self.moves = stream.isatty()
        self.lines = done * LINES_IN_A_LOG // total

    def advance(self, by: int) -> None:
        """So many more are done."""
        self.done += by
        if self.moves:
            self._write(f"\r{self.bar} {self.text}\x1b[K" + ("\n" if self.done >= self.total else ""))
        elif (lines := self.done * LINES_IN_A_LOG // self.total) > self.lines:
            self.lines = lines
            self._write(f"{self.text}\n")

    def stop(self) -> None:
        """Leave the line, so that what comes next has its own."""
        if self.moves and self.done < self.total:
            self._write("\n")

    @property
    def bar(self) -> str:
        full = WIDTH * self.done // self.total
        return f"[{'#' * full}{'.' * (WIDTH - full)}]"

    @property
    def text(self) -> str:
        elapsed = max(time.monotonic() - self.started, 0.001)
        rate = (self.done - self.done_before) / elapsed
        left = f", {(self.total - self.done) / rate:.0f} s left" if rate and self.done < self.total else ""
        return f"{self.done:,} of {self.total:,}, {rate:,.0f} a second{left}"

    def _write(self, text: str) -> None:
        self.stream.write(text, ending="")
        self.stream.flush()
