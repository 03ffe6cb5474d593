"""From a ``Spec`` to a ``Draft``: React 19 and Tailwind 4, written by rules alone.

The draft always exists and costs nothing. Layer names and texts are a stranger's words: names of
code are built from letters and digits, and texts stand in the code as JSON strings.
"""

from service.pipelines.generate.drafts import Draft, generate

__all__ = ["Draft", "generate"]
