"""What a State asked to keep, and what each audience may therefore see."""
