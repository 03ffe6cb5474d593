"""What a model adds to a draft: names, meaning, groups, labels, within a hard ceiling of cost.

Layout, looks, words and tokens stay the rules'. An answer that touches anything else is refused.
"""

from service.pipelines.editing.asking_edits import MOST_ROUNDS, Edited, edit, repair
from service.pipelines.editing.choosing import best, is_better, is_no_worse, is_sure
from service.pipelines.editing.meanings import with_meaning

__all__ = [
    "MOST_ROUNDS",
    "Edited",
    "best",
    "edit",
    "is_better",
    "is_no_worse",
    "is_sure",
    "repair",
    "with_meaning",
]
