"""Forms of the competition pages."""
