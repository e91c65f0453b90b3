"""libtamis by ctypes, one call for each line of standard input, its result as a line of JSON.

libtamis_tool.py LIBRARY [forward] [log]; calls: send NAME, flush MS, stop, route N, fork, said.
"""
import ctypes
import json
import os
import signal
import sys
import time


class Options(ctypes.Structure):
    """struct tamis_options of libtamis.h."""
    _fields_ = [("size", ctypes.c_size_t), ("app_name", ctypes.c_char_p), ("config_path", ctypes.c_char_p),
                ("settings", ctypes.POINTER(ctypes.c_char_p)), ("flags", ctypes.c_uint)]


library, said = ctypes.CDLL(sys.argv[1]), []
library.tamis_send.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_char_p,
                               ctypes.c_size_t]
LOG = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)
log = LOG(lambda _, level, line: said.append([level, line.decode()]))
if "log" in sys.argv:
    library.tamis_log(log, None)
tamis, why = ctypes.c_void_p(), ctypes.create_string_buffer(256)
options = Options(ctypes.sizeof(Options), b"tool", None, None, 1 if "forward" in sys.argv else 0)
assert library.tamis_start(ctypes.byref(tamis), ctypes.byref(options), why, 256) == 0, why.value


def send(name):
    event = json.dumps({"type": "event", "payload": {"name": name}}).encode()
    return [library.tamis_send(tamis, event, len(event), None, why, 256), why.value.decode()]


def flush(milliseconds):
    return library.tamis_flush(tamis, int(milliseconds))


def stop():
    global tamis
    began, stopped, tamis = time.monotonic(), tamis, None
    return [library.tamis_stop(stopped), time.monotonic() - began]


def fork():
    child = os.fork()
    if child == 0:
        while True:
            signal.pause()
    return child


calls = {"send": send, "flush": flush, "stop": stop, "fork": fork, "said": lambda: said}
for line in sys.stdin:
    word, *rest = line.split()
    print(json.dumps(calls[word](*rest)), flush=True)
if tamis:
    stop()
