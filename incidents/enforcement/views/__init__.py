"""The pages of enforcement: lists, one action, the proposal, fragments for other pages, and what changes an action."""
