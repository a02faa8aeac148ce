"""The portal as a WSGI application; `PORTAL_CONFIG` names its configuration."""

from portal.app import create_app
from portal.kernel.config import load_config

app = create_app(load_config())
