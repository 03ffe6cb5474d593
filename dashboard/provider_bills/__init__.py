"""The page Provider bills: what providers billed, beside what we booked."""
