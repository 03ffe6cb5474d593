"""From a webhook's delivery to a stored event: find the webhook, limit its rate, and store all
deliveries that arrive together with one SQL call."""
