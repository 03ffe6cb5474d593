"""Pipelines at work: each stage is a job, run by a worker (with secrets) or a builder (without).

``stage_worker`` takes jobs of one queue, ``stage_job`` is one attempt at a stage, and each stage
has a module of its own. ``builder_state`` is what the jobs of a process share.
"""
