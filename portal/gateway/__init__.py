"""The one way in: guard, passage, browser safety, and how failures look from outside."""
