"""The command line of an installation: thin doors."""
