"""The Portal: two United Nations bodies exchange country-visit reports, except what a Member State asked to keep."""
