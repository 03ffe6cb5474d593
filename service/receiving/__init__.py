"""From a webhook's delivery to a stored event: whose it is, how many it may bring, and one SQL
call for all that arrive together."""
