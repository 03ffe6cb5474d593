"""Every alert against the fault it is for: ``python -m bench.alarms``.

``faults`` has what goes wrong and how it is cured, ``catcher`` is where alerts arrive, ``judging``
says whether each was told once and was over once, ``run`` plays it against the real processes.
"""
