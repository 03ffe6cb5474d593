"""Every read of the dashboard, one module per area: cached functions, asked as the operator.

Each figure's formula is in the comment of its SQL function.
"""
