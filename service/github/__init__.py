"""GitHub's API, as far as a pushed component needs it: a branch, one commit, a pull request."""
