"""The pages of use cases, fragments for other pages, and what changes an application."""
