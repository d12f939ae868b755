"""All pairs by partitions: the bits of the file of all pairs, here, on a cluster, and with a node killed."""

import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("duckdb")
pytest.importorskip("numba")
pytest.importorskip("fsspec")

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goodoffices.cli.app import app
from goodoffices.compute.steps import Here, Steps, runner
from goodoffices.errors import UsageError
from goodoffices.workbench import index_evidence, index_partitions, index_places, index_spread
from goodoffices.workbench.index_spread import View, index_of_partitions, spread_index
from goodoffices.workbench.indexing import Asked, all_index
from tests.compute.test_on_ray import QUICK, Made, Workers, needs_proc, needs_ray, quiet, until
from tests.workbench.test_indexing import ACTORS, rows, store_of

__all__ = ["quiet"]  # a fixture

KEYS = ("truster", "trustee", "facet", "date")
NAMES = ("source", *KEYS, "median", "lo", "hi", "n", "change", "rank")
DRAWS = 5


def plain(path):
    """The rows of a file, or of all files of a folder, in the order of their keys."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    whole = [pq.read_table(file).cast(pa.schema(_plain(pq.read_schema(file)))) for file in files]
    return pa.concat_tables(whole).sort_by([(name, "ascending") for name in KEYS]).combine_chunks()


def _plain(schema):
    return [(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in schema]


def bits(table):
    """Every cell, numbers by their bits, so that not even the sign of a zero may differ."""
    found = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_floating(column.type):
            whole = column.fill_null(0).to_numpy().view(np.int32).tolist()
            found[name] = list(zip(column.is_null().to_pylist(), whole, strict=True))
        else:
            found[name] = column.to_pylist()
    return found


def same(one, other):
    return one.num_rows > 1000 and tuple(one.column_names) == NAMES and bits(one) == bits(other)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    found = store_of(tmp_path_factory.mktemp("store") / "one", rows())
    all_index(Asked(store=found, draws=DRAWS), found.parent / "all.parquet")
    return found


@pytest.fixture(scope="module")
def expected(store):
    """What the file of all pairs holds."""
    return plain(store.parent / "all.parquet")


@pytest.fixture
def asked(store):
    return Asked(store=store, draws=DRAWS)


# -- here ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 3, 7, 64])
def test_however_many_partitions_the_bits_are_those_of_the_file(tmp_path, asked, expected, most, monkeypatch):
    """One partition or one a pair: rows, counts at the clip and ranks are those of all pairs at once."""
    monkeypatch.setattr(index_partitions, "PARTITIONS", most)
    told = spread_index(asked, str(tmp_path / "t.parquet"))
    whole = all_index(asked, tmp_path / "whole.parquet")

    assert same(plain(tmp_path / "t.parquet"), expected)
    assert told == whole
    assert whole.clip[0].active > 100
    assert expected["rank"].null_count < expected.num_rows


def test_partitions_at_a_place_are_followed_again_without_the_store(tmp_path, asked, expected):
    """Laid down once, followed as asked, to a folder, a file or a URL; the scale is that of the store."""
    first = spread_index(asked, f"{tmp_path}/one/", partitions=str(tmp_path / "parts"))
    again = index_of_partitions((tmp_path / "parts").as_uri(), (tmp_path / "two").as_uri(), View(draws=DRAWS))
    index_of_partitions(str(tmp_path / "parts"), str(tmp_path / "t.csv"), View(draws=DRAWS))

    assert same(plain(tmp_path / "one"), expected)
    assert same(plain(tmp_path / "two"), expected)
    assert again == first
    assert len((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()) == expected.num_rows + 1
    assert len(list((tmp_path / "parts").glob("part-*.parquet"))) == min(64, first.pairs)
    assert json.loads((tmp_path / "two" / "_index.json").read_text())["rows"] == expected.num_rows
    assert pq.read_table(tmp_path / "two").num_rows == expected.num_rows  # a list is no part of it


def test_partitions_answer_other_days_and_scales(tmp_path, store):
    """From a day on, quarter by quarter, on a scale of one's own: as from the store itself."""
    spread_index(Asked(store=store, draws=0), f"{tmp_path}/one/", partitions=f"{tmp_path}/parts")
    some = {"start": rows_from(), "every": "week", "scale": 9.0, "draws": 2, "seed": 3}
    told = index_of_partitions(f"{tmp_path}/parts", f"{tmp_path}/t.parquet", View(**some))
    whole = all_index(Asked(store=store, **some), tmp_path / "whole.parquet")

    assert same(plain(tmp_path / "t.parquet"), plain(tmp_path / "whole.parquet"))
    assert told == whole
    assert told.clip[0].at_clip > 0


def test_a_fitted_asymmetry_goes_with_the_partitions(tmp_path, store):
    """What an act tells about intention stays as it was fitted, from the store and from its partitions."""
    from goodoffices.domain.indexes import Ratios

    fitted = Ratios(a=0.7, b=0.3, by="conduct", acts=9, pairs=2)
    asked = Asked(store=store, draws=DRAWS, scale=0.3, asymmetry=fitted)
    whole = all_index(asked, tmp_path / "whole.parquet")
    first = spread_index(asked, f"{tmp_path}/one/", partitions=f"{tmp_path}/parts")
    again = index_of_partitions(f"{tmp_path}/parts", f"{tmp_path}/two/", View(draws=DRAWS))
    all_index(Asked(store=store, draws=DRAWS, scale=0.3), tmp_path / "judged.parquet")

    assert first == again == whole
    assert same(plain(tmp_path / "one"), plain(tmp_path / "whole.parquet"))
    assert same(plain(tmp_path / "two"), plain(tmp_path / "whole.parquet"))
    assert not same(plain(tmp_path / "two"), plain(tmp_path / "judged.parquet"))


def rows_from():
    from datetime import date

    return date(2002, 2, 5)


def test_a_place_in_memory_serves_one_process_only(tmp_path, asked, expected):
    """A URL of memory works here, and is refused where others have to reach it."""
    spread_index(asked, f"{tmp_path}/t.parquet", partitions="memory://within/parts")

    assert same(plain(tmp_path / "t.parquet"), expected)
    for out, partitions in (("memory://out", ""), (f"{tmp_path}/o.parquet", "memory://other")):
        with pytest.raises(UsageError, match="memory of one process"):
            spread_index(asked, out, on="ray", partitions=partitions)
    with pytest.raises(UsageError, match="memory of one process"):
        index_of_partitions("memory://within/parts", f"{tmp_path}/o.parquet", View(), on="ray")


def test_what_lies_at_a_place_is_never_written_over(tmp_path, asked):
    """A place that is not empty is refused, and one that could not be finished is left empty."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "part-00000.parquet").write_text("mine")
    spread_index(asked, f"{tmp_path}/one/", partitions=f"{tmp_path}/parts")
    with pytest.raises(UsageError, match="not empty"):
        spread_index(asked, f"{tmp_path}/mine/")
    with pytest.raises(UsageError, match="leave out --store"):
        spread_index(asked, f"{tmp_path}/two/", partitions=f"{tmp_path}/parts")
    (tmp_path / "parts" / "part-00003.parquet").unlink()
    with pytest.raises(UsageError, match=r"part-00003\.parquet"):
        index_of_partitions(f"{tmp_path}/parts", f"{tmp_path}/two/", View())

    assert (tmp_path / "mine" / "part-00000.parquet").read_text() == "mine"
    assert not list((tmp_path / "two").iterdir())


def test_what_was_half_written_is_taken_back(tmp_path, asked, monkeypatch):
    """If a file cannot be written, those before it go, and no list says that the place is finished."""
    write, turns = index_places.Place.write, []

    def full(self, name, data):
        turns.append(name)
        if len(turns) == 5:
            raise UsageError("the disk is full")
        write(self, name, data)

    monkeypatch.setattr(index_places.Place, "write", full)
    with pytest.raises(UsageError, match="full"):
        spread_index(asked, f"{tmp_path}/one/")

    assert not list((tmp_path / "one").iterdir())


def test_files_that_land_elsewhere_are_missed(tmp_path, asked, monkeypatch):
    """If what a worker wrote cannot be seen from here, the run fails, and no list is written."""
    monkeypatch.setattr(index_places.Place, "write", lambda *_given: None)
    with pytest.raises(UsageError, match="cannot be seen from here"):
        spread_index(asked, f"{tmp_path}/one/")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda t: t.drop(["weight"]), "weight"),
        (lambda t: t.take(list(range(t.num_rows))[::-1]), "a day comes before"),
        (lambda t: t.set_column(2, "facet", pa.array(["integrity"] * t.num_rows)), "a facet is none"),
        (lambda t: t.set_column(0, "truster", pa.array([None] * t.num_rows, pa.string())), "cells are empty"),
    ],
)
def test_a_partition_that_is_none_is_refused(tmp_path, asked, spoil, told):
    """Columns, order of days, facets: what is wrong is told with the name of the file."""
    spread_index(asked, f"{tmp_path}/one/", partitions=f"{tmp_path}/parts")
    path = tmp_path / "parts" / "part-00000.parquet"
    pq.write_table(spoil(pq.read_table(path)), path)

    with pytest.raises(UsageError, match=rf"part-00000\.parquet: is no partition \(.*{told}"):
        index_evidence.read(str(path))


def test_partitions_may_be_written_by_others(tmp_path, asked, expected):
    """Plain texts in the place of numbered ones, and several row groups, are read as well."""
    spread_index(asked, f"{tmp_path}/one/", partitions=f"{tmp_path}/parts")
    for path in (tmp_path / "parts").glob("*.parquet"):
        table = pq.read_table(path)
        pq.write_table(table.cast(pa.schema(_plain(table.schema))), path, row_group_size=7)
    listed = json.loads((tmp_path / "parts" / "_partitions.json").read_text(encoding="utf-8"))
    listed["scale"].pop("basis")  # it is always judged
    listed["left_out"] = {}
    (tmp_path / "parts" / "_partitions.json").write_text(json.dumps(listed), encoding="utf-8")
    index_of_partitions(f"{tmp_path}/parts", f"{tmp_path}/t.parquet", View(draws=DRAWS))

    assert same(plain(tmp_path / "t.parquet"), expected)


def test_what_is_no_place_or_list_is_told(tmp_path):
    """Unknown kinds of places, places without a list, and lists of something else."""
    (tmp_path / "_partitions.json").write_text('{"form": 99}')
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "_partitions.json").write_text("[")
    for url, told in (
        ("nowhere://x", "nowhere"),
        (f"{tmp_path}/none", r"_partitions\.json: cannot be read"),
        (str(tmp_path), "no list of partitions that this version reads"),
        (f"{tmp_path}/other", "no list that was written here"),
    ):
        with pytest.raises(UsageError, match=told):
            index_of_partitions(url, str(tmp_path / "t.parquet"), View())


def test_steps_run_here_or_on_what_is_named():
    """Two steps with one between them; a name of nothing is refused."""
    steps = Steps(lambda k: (10 * k, k), lambda *ks: sum(ks), lambda block, shared: (block, shared))
    with runner("") as here:
        assert isinstance(here, Here)
        assert list(here.results([1, 2, 3], steps)) == [(10, 6), (20, 6), (30, 6)]
    with pytest.raises(UsageError, match="sparks"):
        runner("sparks")


def run(*arguments):
    return CliRunner().invoke(app, ["trust", *map(str, arguments)], catch_exceptions=False)


def test_the_command_lays_down_follows_and_says_what_is_settled(tmp_path, store, expected):
    """From a store to partitions and a folder; from them to a URL; what partitions hang on is refused."""
    said = run("--store", store, "--all", "--draws", DRAWS, "--partitions", tmp_path / "parts",
               "-o", f"{tmp_path}/one/").stdout  # fmt: skip
    parts = ("--partitions", (tmp_path / "parts").as_uri(), "--all", "-o", (tmp_path / "two").as_uri())
    told = json.loads(run(*parts, "--draws", DRAWS, "--json").stdout)

    assert f"{expected.num_rows} rows on 30 pairs of plain" in said
    assert told["file"] == (tmp_path / "two").as_uri()
    assert told["rows"] == expected.num_rows
    assert told["scale"]["by"] == "kept"
    assert same(plain(tmp_path / "one"), expected)
    assert same(plain(tmp_path / "two"), expected)
    for arguments, wrong in (
        ((*parts, "--to", "2002-01-01", "--actors-apart"), "--to, --actors-apart: settled"),
        ((*parts[:3], "-o", f"{tmp_path}/three/", "--on", "spark"), "spark"),
        ((*parts[:3], "-o", tmp_path / "t.graphml"), r"\.parquet, \.csv"),
        ((*parts[:3], "-o", f"{tmp_path}/three/", "--every", "hour"), "hour"),
        (("--partitions", tmp_path / "parts"), "go with --all"),
        (("--store", store, "--on", "ray", "--truster", "EGY", "--trustee", "ISR"), "go with --all"),
        (("camp-david", "--partitions", tmp_path), "not both"),
    ):
        with pytest.raises(UsageError, match=wrong):
            run(*arguments)


def test_zero_is_a_number_of_draws(tmp_path, store):
    """No draws and seed 0 are asked for, not left out."""
    told = json.loads(
        run(
            "--store", store, "--all", "--draws", 0, "--seed", 0, "-o", f"{tmp_path}/t.parquet", "--json"
        ).stdout
    )

    assert (told["draws"], told["seed"]) == (0, 0)


# -- on a cluster ----------------------------------------------------------------------------------

OBJECTS = '''
"""A store of objects for tests: no folders to begin with, and a note of which process read or wrote."""
import os
from fsspec.implementations.local import LocalFileSystem

class Objects(LocalFileSystem):
    protocol = "objects"

    @classmethod
    def _strip_protocol(cls, path):
        path = str(path)
        if path.startswith("objects://"):
            return os.environ["OBJECTS"] + "/" + path.removeprefix("objects://").rstrip("/")
        return path.rstrip("/")

    def _noted(self, what, path):
        with open(os.environ["OBJECTS"] + ".log", "a") as log:
            log.write(f"{what} {os.getpid()} {path}\\n")

    def cat_file(self, path, *given, **named):
        self._noted("read", path)
        return super().cat_file(self._strip_protocol(path), *given, **named)

    def pipe_file(self, path, value, *given, **named):
        self._noted("write", path)
        return super().pipe_file(self._strip_protocol(path), value, *given, **named)
'''


@pytest.fixture
def objects(tmp_path, monkeypatch):
    """A kind of place that fsspec finds by entry point, here and in every worker."""
    where = tmp_path / "installed"
    (where / "objects_here-1.dist-info").mkdir(parents=True)
    (where / "objects_here.py").write_text(OBJECTS)
    (where / "objects_here-1.dist-info" / "METADATA").write_text("Name: objects-here\nVersion: 1\n")
    entry = "[fsspec.specs]\nobjects = objects_here:Objects\n"
    (where / "objects_here-1.dist-info" / "entry_points.txt").write_text(entry)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(where), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("OBJECTS", str(tmp_path / "objects"))
    monkeypatch.syspath_prepend(where)
    fsspec.process_entries()
    yield tmp_path / "objects"
    sys.modules.pop("objects_here", None)


@pytest.mark.ray
@pytest.mark.slow
@needs_ray
def test_a_ray_of_its_own_gives_the_same_bits_into_one_file(tmp_path, asked, expected, quiet):
    """`--on ray`, without any place: partitions are handed over, and rows come back into a file."""
    told = run("--store", asked.store, "--all", "--draws", DRAWS, "--on", "ray",
               "-o", tmp_path / "t.parquet", "--json")  # fmt: skip

    assert json.loads(told.stdout)["rows"] == expected.num_rows
    assert same(plain(tmp_path / "t.parquet"), expected)


@pytest.mark.ray
@pytest.mark.slow
@needs_ray
@needs_proc
def test_a_killed_node_loses_nothing(tmp_path, store, objects, quiet, monkeypatch):
    """From and to a place that only fsspec knows, with a node killed that is at work and holds blocks alone.

    The same bits come out with one worker, with two, and when one is killed.
    """
    assert QUICK["max_direct_call_object_size"] == 0  # blocks and summaries stay where they were found
    workers = Workers()
    try:
        workers.add("first")
        asked = Asked(store=store, draws=20, every="day")
        all_index(asked, tmp_path / "all.parquet")
        expected = plain(tmp_path / "all.parquet")
        spread_index(asked, "objects://b/one", on="ray", partitions="objects://b/parts")
        assert same(plain(objects / "b" / "one"), expected)
        workers.add("second")
        told = with_one_killed(workers, monkeypatch, lambda: index_of_partitions(
            "objects://b/parts", "objects://b/two", View(draws=20, every="day"), on="ray"))  # fmt: skip
        assert told.rows == expected.num_rows
        assert same(plain(objects / "b" / "two"), expected)
    finally:
        workers.close()
    noted = [line.split() for line in Path(f"{objects}.log").read_text().splitlines()]
    for what, folder in (("read", "/parts/part-"), ("write", "/two/part-")):
        assert {pid for did, pid, path in noted if did == what and folder in path} - {str(os.getpid())}
        assert str(os.getpid()) not in {p for did, p, path in noted if did == what and folder in path}


def with_one_killed(workers, monkeypatch, work):
    """Do the work, and kill a node that is at work and holds finished blocks of which there is no other copy."""
    from goodoffices.compute.steps_on_ray import StepsOnRay

    sent_as_ever, held = StepsOnRay.sent, {}

    def sent(self, partitions, steps):
        found = sent_as_ever(self, partitions, steps)
        before = until(lambda: workers.seen(found.blocks), lambda seen: all(seen["second"].values()), 60)
        workers.kill("second")
        held.update(blocks=found.blocks, lost=before["second"]["running"] | before["second"]["only here"])
        histogram = {
            name: {what: len(places) for what, places in some.items()} for name, some in before.items()
        }
        print(f"of {len(found.blocks)} blocks, when the node 'second' was killed: {histogram}")
        return found

    monkeypatch.setattr(StepsOnRay, "sent", sent)
    told = work()
    copies = workers.copies(held["blocks"])
    assert held["lost"]
    assert all(
        workers.key("first") in copies[place] for place in held["lost"]
    )  # found anew where it is alive
    return told


@needs_ray
def test_workers_with_other_sources_or_without_an_extra_refuse():
    """Other sources would give other results; a missing extra is told in a form that can be sent back."""
    from goodoffices.compute.kernels import source_hash
    from goodoffices.compute.steps_on_ray import Sources, called
    from goodoffices.errors import ExtraMissing

    def missing():
        raise ExtraMissing("events", "a store")

    names = index_spread.SOURCES
    mine = Sources(names, source_hash(*names))
    for other in (Sources(names, source_hash()), Sources(names[1:], mine.hash)):
        with pytest.raises(UsageError, match="another version"):
            called(other, len, "abc")
    assert called(mine, len, "abc") == 3
    with pytest.raises(UsageError, match=r"on a node of the cluster: .*goodoffices\[events\]"):
        called(mine, missing)


@pytest.mark.parametrize(
    ("cause", "told"), [(KeyError("node"), UsageError), (TypeError("a bug"), IndexError)]
)
def test_rows_that_were_lost_too_often_are_told(quiet, monkeypatch, cause, told):
    """A task that failed because its blocks were lost is lost work; any other failure is a bug."""
    from goodoffices.compute.steps_on_ray import StepsOnRay

    failed = IndexError("a task failed")
    failed.cause = cause
    monkeypatch.setitem(sys.modules, "ray", Made())
    with (
        StepsOnRay() as cluster,
        pytest.raises(told, match=r"the cluster lost the work: 'node'|a task failed"),
    ):
        list(cluster.fetched([failed]))


def test_every_actor_of_the_store_is_there(expected):
    """The rows compared are of all pairs."""
    assert set(expected["truster"].to_pylist()) == {name[:3] for name in ACTORS}
    assert index_spread.LIST.startswith("_")  # readers of Parquet folders pass over such names
