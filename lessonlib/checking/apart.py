"""A student's answer, read where it can be stopped and leaves nothing behind.

On Linux that is a forked child: it is killed with its process group when its time is up, asks for memory up to a
limit, and whatever it changes is gone with it. Where there is no safe fork (Windows, macOS, after CUDA has started), it
is a thread: a loop written in Python is stopped there too, a loop inside a library is not, and its memory has no limit.
"""

import builtins
import ctypes
import faulthandler
import io
import os
import pickle
import random
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from typing import IO, Any, NoReturn

import numpy as np
import torch

from lessonlib.checking.observing import Refused

Work = Callable[[], Any]
Observed = tuple[Any, str]  # plain data or Refused, and what was printed

MEMORY = 2**30  # bytes, beyond what the kernel has
PRINTED = 2000  # characters of what the answer prints
NO_ANSWER = "Your code ended Python itself, and no answer came back: does a function call itself without end?"
CAN_FORK = sys.platform == "linux"
TICKS = os.sysconf("SC_CLK_TCK") if CAN_FORK else 1
_state = threading.local()  # is_apart: whether a check is running here


def run_apart(work: Work, seconds: float) -> Observed:
    """What work() returns, which must be plain data, or Refused where it does not end well; and what it printed.

    Seconds are the answer's own: the time that it computes or sleeps, not the time that it waits for a busy machine.
    """
    if getattr(_state, "is_apart", False):
        return Refused("Your code calls `check` itself: call it after the function, not inside."), ""
    if CAN_FORK and not torch.cuda.is_initialized():
        return _in_a_child(work, seconds)
    return _in_a_thread(work, seconds)


@contextmanager
def untouched() -> Iterator[None]:
    """What happens inside changes no generator, no default and no setting outside; inside, all defaults are PyTorch's."""
    generators = random.getstate(), np.random.get_state(), torch.get_rng_state()
    dtype, device, threads = torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads()
    printing = np.get_printoptions()
    torch.set_default_dtype(torch.float32)
    on_cpu = torch.device("cpu") if device.type != "cpu" else nullcontext()  # which makes every call of PyTorch slower
    try:
        with on_cpu, torch.enable_grad(), warnings.catch_warnings():
            yield
    finally:
        torch.set_default_dtype(dtype)
        if torch.get_default_device() != device:
            torch.set_default_device(None if device.type == "cpu" else device)
        torch.set_num_threads(threads)
        np.set_printoptions(**printing)
        random.setstate(generators[0])
        np.random.set_state(generators[1])
        torch.set_rng_state(generators[2])


def describe(error: BaseException) -> str:
    """An error in one line, also where its own text can't be had."""
    try:
        text = " ".join(str(error).split())[:300]
    except Exception:
        text = ""
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}."


def _too_long(seconds: float) -> Observed:
    return Refused(f"Your code did not end within {seconds} seconds: look for a loop that never stops."), ""


def _in_a_child(work: Work, seconds: float) -> Observed:
    # A file and no pipe, which a process that the answer leaves behind would hold open.
    with tempfile.TemporaryFile() as file, _stop_button_held_back() as release:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # Python 3.12 warns of threads: the child waits for none
            child = os.fork()
        if not child:
            _work_and_leave(work, file, seconds)
        try:
            release()
            is_in_time = _ends(child, seconds)
        finally:  # also when the kernel is interrupted
            _kill(child)
        file.seek(0)
        outcome = file.read()
    if not is_in_time:
        return _too_long(seconds)
    return pickle.loads(outcome) if outcome else (Refused(NO_ANSWER), "")


@contextmanager
def _stop_button_held_back() -> Iterator[Callable[[], None]]:
    """Gives a function that lets the kernel's stop button act again: pressed before, it stops then."""
    pressed = []
    if threading.current_thread() is not threading.main_thread():  # where no signal arrives
        yield lambda: None
        return
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))

    def release() -> None:
        signal.signal(signal.SIGINT, before)
        if pressed:
            signal.raise_signal(signal.SIGINT)

    try:
        yield release
    except BaseException:
        release()
        raise


def _ends(child: int, seconds: float) -> bool:
    """Whether the child ends before its time is up."""
    own_time = asleep = 0.0
    while own_time < seconds:
        before = time.monotonic()
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return True
        time.sleep(0.01)
        state, computed = _own_time(child)
        asleep += (time.monotonic() - before) if state in "ST" else 0
        own_time = computed + asleep
    return False


def _kill(child: int) -> None:
    """End what is left of a child and of all that it has started."""
    with suppress(ProcessLookupError):  # it has no group of its own yet
        os.killpg(child, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _own_time(process: int) -> tuple[str, float]:
    """The state of a process (R runs or waits for a processor, S sleeps, T is stopped), and the seconds that it has computed."""
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return fields[0], (int(fields[11]) + int(fields[12])) / TICKS


def _work_and_leave(work: Work, file: IO[bytes], seconds: float) -> NoReturn:
    """The child's whole life: what work() returns goes into the file, and no handler of the parent's runs at the end."""
    import resource

    try:
        os.setsid()  # what it starts can be killed with it
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the kernel's stop button is the parent's affair
        faulthandler.disable()  # how the answer ends is told in a sentence
        used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 10, int(seconds) + 10))  # should the parent be gone
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        torch.set_num_threads(1)  # the threads of the parent are not here
        file.write(pickle.dumps(_outcome(work)))
        file.flush()
    finally:
        os._exit(0)


def _outcome(work: Work) -> Observed:
    """What work() returns and prints, with all settings as PyTorch has them, the prints held back and no keyboard."""
    printed = _Shortened()
    _state.is_apart = True
    before = builtins.input, sys.breakpointhook
    builtins.input = sys.breakpointhook = _no_keyboard
    try:
        with untouched(), redirect_stdout(printed), redirect_stderr(printed):
            return work(), printed.getvalue()
    except Refused as reason:
        return reason, printed.getvalue()
    except MemoryError:
        return Refused(f"Your code asks for more than {MEMORY // 2**20:,} MB of memory."), ""
    except Stop:
        raise
    except BaseException as error:
        return Refused(f"Your code raised {describe(error)}"), ""
    finally:
        builtins.input, sys.breakpointhook = before
        _state.is_apart = False


def _no_keyboard(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("there is no keyboard inside a check: the values come as arguments")


class _Shortened(io.StringIO):
    """Keeps the beginning of what is printed."""

    def write(self, text: str) -> int:
        room = PRINTED - self.tell()
        if room > 0:
            super().write(text[:room] + ("\n... and more\n" if len(text) > room else ""))
        return len(text)


class Stop(BaseException):
    """Ends an endless answer; no Exception, so that the answer's own except does not catch it."""


def _in_a_thread(work: Work, seconds: float) -> Observed:
    outcomes: list[Observed] = []

    def run() -> None:
        with suppress(Stop):
            outcomes.append(_outcome(work))

    ours = sys.stdout, sys.stderr, builtins.input, sys.breakpointhook
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    finally:
        for _ in range(20):  # an answer may catch the first ones
            if not thread.is_alive():
                break
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stop))
            thread.join(0.05)
        sys.stdout, sys.stderr, builtins.input, sys.breakpointhook = ours  # a loop inside a library goes on
    return outcomes[0] if outcomes else _too_long(seconds)
