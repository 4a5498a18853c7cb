"""Settings: you, people, clearances, API keys."""
