"""`make doctor`: looks at everything that the product stands on and says what is wrong, why it
matters and what to do. It changes nothing and shows no secret.

One module for each family of checks; `checks.py` lists them all, `running.py` runs them side by
side.
"""
