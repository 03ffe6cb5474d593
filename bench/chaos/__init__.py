"""The whole product under faults, and its books at the end: ``python -m bench.chaos``.

``schedule`` draws from a seed what fails when, ``faults/`` has a module for each family of faults,
``traffic`` is what people do meanwhile, ``accounting`` and ``recovery`` judge what came of it.
"""
