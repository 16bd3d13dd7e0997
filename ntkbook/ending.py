"""How a command ends when it is told to: at once, with the exit code of its signal, and with no process left behind.

SIGINT (Ctrl-C), SIGTERM and SIGHUP raise `Ended` in the main thread. What is being done then falls apart from the
inside: files are replaced or left, never half written. In the middle of an import the process is left at once: an
exception that comes out of the initialisation of a library in C++ makes it abort. Whoever is still there after a few
seconds, because the exception went lost in a callback or a library waits for its workers, is ended from outside.
SIGKILL cannot be caught: every process that is started for a run or a build watches whether its parent still lives.
"""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import psutil

_PATIENCE = 3.0
"""Seconds for falling apart."""
_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]  # not everywhere
_KEPT = "what was finished is kept"
_watched: set[int] = set()


class Ended(BaseException):
    """A signal asked this process to end. Not an Exception, so that no handler of errors takes it for one."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.code = 128 + signum
        """The exit code by which shells know the signal: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""

    def told(self) -> str:
        """What to say: the notes of the command that was at work, if one was."""
        return f"stopped; {'; '.join(getattr(self, '__notes__', [_KEPT]))}"


def end_on_signals() -> None:
    """Raise `Ended` on SIGINT, SIGTERM and SIGHUP from now on; further ones are ignored while that goes on.

    A signal that is ignored stays so, as SIGHUP under nohup.
    """
    for signum in _SIGNALS:
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, _end)


def leave(code: int, last_words: str = "") -> None:
    """End this process and all that descend from it, now.

    Parameters
    ----------
    code : int
        Exit code.
    last_words : str
        A line for standard error.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads any more
            stream.flush()
    if last_words:
        with suppress(OSError):
            os.write(2, f"note: {last_words}\n".encode())
    end_descendants(os.getpid())
    os._exit(code)


def end_descendants(pid: int) -> None:
    """Kill every process that descends from one. They keep what they finished: files are replaced in one step.

    Parameters
    ----------
    pid : int
        Number of the process; it may be gone.
    """
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()


def watch_parent(parent: int) -> None:
    """End this process and its children when its parent has ended, however that came about, also before this call.

    Parameters
    ----------
    parent : int
        Number of a process of this machine that started this one. Where another did, as on a cluster, nothing is
        watched.
    """
    if not psutil.pid_exists(parent):
        leave(1)
    if os.getppid() == parent and parent not in _watched:
        _watched.add(parent)
        threading.Thread(target=_leave_without, args=(parent,), daemon=True).start()


def _leave_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    leave(1)


def _end(signum: int, frame: FrameType | None) -> None:
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    if _is_importing(frame):
        leave(128 + signum, f"stopped; {_KEPT}")
    last = threading.Timer(_PATIENCE, leave, [128 + signum, f"stopped; {_KEPT}"])
    last.daemon = True
    last.start()
    raise Ended(signum)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None and "importlib" not in frame.f_code.co_filename:
        frame = frame.f_back
    return frame is not None
