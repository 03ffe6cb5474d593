"""The Figma AI Buddy service: from a comment in Figma to one answer in its thread.

Figma's webhook reaches ``web/routes/receiver.py``, which stores the event and queues its job in
one SQL call (``receiving/``) and answers at once. ``worker.py`` takes the job, and ``answering/``
does it: confirm the comment at Figma, reserve a use, read and measure the design (``review/``), ask
a model (``llm/``), post the reply (``figma/``) and settle the use. Every change of state is one SQL
function, named once in ``store/database.py``.
"""
