"""PostgreSQL and an S3 server for trying and for tests, as pip installs them: on this machine only, and gone at the end."""
