"""The first five minutes of a stranger: the built wheel in an empty environment, offline."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NO_NET = """
import socket
def refuse(*_args, **_kwargs):
    raise OSError("sockets are forbidden here")
socket.socket.connect = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(out),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory, wheel: Path):
    """An environment with the wheel and its core requirements alone, read-only, without a network."""
    home = tmp_path_factory.mktemp("Ünïcode Дом")
    venv.create(home / "env", with_pip=True)
    python = home / "env" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)],
        check=True,
        capture_output=True,
    )
    packages = next((home / "env").glob("lib/python*/site-packages"))
    (packages / "sitecustomize.py").write_text(NO_NET)
    place = next(packages.glob("goodoffices"))
    for path in [place, *place.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    work = home / "leer 空"
    work.mkdir()
    env = {"PATH": str(home / "env" / "bin"), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [home / "env" / "bin" / "goodoffices", *arguments],
            cwd=work,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    yield run, work, python
    for path in [place, *place.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_the_wheel_is_small_and_whole(wheel: Path):
    """The wheel is under a megabyte and a half and holds the library, the tables, the templates, both languages."""
    names = zipfile.ZipFile(wheel).namelist()

    assert wheel.stat().st_size < 1_500_000
    assert any(name.endswith("data/cases/camp-david/evidence.csv") for name in names)
    assert any(name.endswith("data/codebook/kinds.csv") for name in names)
    assert any(name.endswith(".j2") for name in names)
    assert not any("tests/" in name for name in names)


def test_a_strangers_first_five_minutes(stranger):
    """demo, read, why, new, check, read, report: each answers, offline, from a read-only install."""
    run, work, _python = stranger

    assert run().count("\n") == 5
    assert "camp-david" in run("cases")
    assert "Sadat" in run("read", "camp-david", "--at", "1977-11-25")
    assert "level in log-odds" in run("why", "camp-david", "begin", "sadat", "--at", "1977-11-25")
    run("new", "my")
    assert "no fault" in run("check", "my")
    assert "truce" in run("read", "my")
    run("report", "my", "-o", "my.html")
    assert "<html" in (work / "my.html").read_text(encoding="utf-8")
    shown = run("demo")
    assert "index.html" in shown
    assert (work / "out" / "index.html").stat().st_size > 0


def test_a_missing_extra_has_a_sentence_and_status_four(stranger):
    """Without pandas, `to_frame()` says how to install it."""
    _run, work, python = stranger
    code = (
        "import goodoffices; goodoffices.read('camp-david', '1977-11-25', draws=10, options=False).to_frame()"
    )
    done = subprocess.run(
        [python, "-c", code],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )

    assert 'pip install "goodoffices[frames]"' in done.stderr
