"""Analyses of a selection: the request, its canonical form, the words of a model, suggestions."""
