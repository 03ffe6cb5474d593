"""`make measure-review`: how much of what is wrong with a design the review finds, and how often it
is wrong itself."""
