"""Pages: thin doors. A view reads its form, calls one case, and renders."""
