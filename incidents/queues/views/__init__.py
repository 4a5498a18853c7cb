"""Pages of the queues, and of the rules that fill them."""
