"""The pages of appeals: for the team, and the public one behind a signed link."""
