"""The app: pages and their JSON over one desk, behind one guard."""

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from goodoffices.web import api, doings, jobs
from goodoffices.web.pages import ROUTERS
from goodoffices.web.safety import guard
from goodoffices.web.settings import Settings
from goodoffices.web.speaking import Speaking
from goodoffices.workbench import version
from goodoffices.workbench.desk import Desk

__all__ = ["create_app"]


def create_app(desk: Desk, settings: Settings | None = None) -> FastAPI:
    """Make the app for the cases on a desk."""
    app = FastAPI(
        title="goodoffices",
        version=version(),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.desk = desk
    app.state.settings = settings or Settings()
    app.state.jobs = jobs.Jobs()
    static = Path(str(files("goodoffices.web").joinpath("static")))
    app.mount("/static", StaticFiles(directory=static), name="static")
    for router in (api.router, doings.router, *ROUTERS):
        app.include_router(router)
    guard(app, app.state.settings)
    app.add_middleware(Speaking)  # outermost, so that refusals too are in the reader's language
    return app
