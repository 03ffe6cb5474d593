"""The sandbox as a Flask app: Figma's API, its OAuth pages, the control API and the page."""

from flask import Flask

from local.sandbox import comments, control, files, gate, oauth, page, plugin_page, webhooks
from local.sandbox.clock import Clock
from local.sandbox.config import SandboxConfig
from local.sandbox.deliveries import Courier
from local.sandbox.faults import Faults
from local.sandbox.limits import RateLimits
from local.sandbox.spec import load_spec
from local.sandbox.storage import Storage
from local.sandbox.world import World


def create_app(config: SandboxConfig | None = None) -> Flask:
    """A sandbox with its own world and threads; ``app.extensions["sandbox"].close()`` ends them."""
    config = config or SandboxConfig.from_env()
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    world, faults = World(config), Faults()
    app.extensions["sandbox"] = gate.Parts(
        config=config,
        world=world,
        spec=load_spec(),
        limits=RateLimits(),
        faults=faults,
        courier=Courier(world, faults, Clock(config.clock)),
        storage=Storage(world, config.state_path) if config.state_path else None,
    )
    gate.register(app)
    for area in (files, comments, webhooks, oauth, control, page, plugin_page):
        app.register_blueprint(area.bp)
    return app
