"""numpy, loaded on first use.

Web workers import the modules that calibrate but seldom calibrate; they should not pay for numpy at start.
Write `from judging.numeric import np`, and `from __future__ import annotations` where a signature names its types.
"""

from importlib import import_module


class _OnFirstUse:
    def __getattr__(self, name):
        value = getattr(import_module("numpy"), name)
        setattr(self, name, value)
        return value


np = _OnFirstUse()
