"""The Figma AI Buddy service: from a comment in Figma to one answer in its thread.

Figma's webhook calls ``web/routes/receiver.py``. It stores the event and queues its job in one SQL
call (``receiving/``), and responds at once. ``worker.py`` takes the job. ``answering/`` does the
work: confirm the comment at Figma, reserve a use, read and measure the design (``review/``), ask a
model (``llm/``), post the reply (``figma/``) and settle the use. Every change of state is one SQL
function, called by one method in ``store/database.py``.
"""
