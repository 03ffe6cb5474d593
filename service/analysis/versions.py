"""The versions of what a model is told, part of the cache key and of the ledger."""

# Change it with any change of wording or order in briefing.py.
PROMPT_VERSION = "analysis-2026-11-29.1"
# Change it with any change of the schema in answer.py, or of the form of a suggestion.
SCHEMA_VERSION = "1"
