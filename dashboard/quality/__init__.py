"""The page Quality: whether answers were grounded, and whether their advice helped."""
