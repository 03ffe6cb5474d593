"""The Figma AI Buddy service: from a comment in Figma to one answer in its thread.

Figma's webhook reaches ``routes/comment_webhook.py``, which stores the event and queues its job in
one SQL call and answers at once. ``worker.py`` takes the job, and ``answering/`` does it: reserve a
use, read the thread, read and measure the design (``review/``), ask a model (``llm/``), post the
reply (``figma/``) and settle the use. Every change of state is one SQL function, named once in
``database.py``.
"""
