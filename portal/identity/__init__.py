"""Who is at the door: people, sessions, and the way in through the provider of their organisation."""
