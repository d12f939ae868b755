"""The page of trust with a forecast of conduct beside it: under its sentence, and only where a case asks."""

from goodoffices.conduct.acts import SAID
from goodoffices.workbench import conducted

PAGE, DAY = "/own/mine/trust", "2003-08-01"
ASKS = '\n[conduct]\nstore = "acts.duckdb"\npairs = [["aster", "birch"]]\n'


class Standing:
    """Stands in for what forecasts conduct."""

    @staticmethod
    def forecast_pair(store, truster, trustee, at):
        assert (store.name, truster, trustee, str(at)) == ("acts.duckdb", "AAA", "BBB", DAY)
        return {"p": 0.6214}


def test_the_forecast_stands_below_the_matrix(desk, client, monkeypatch):
    """Without being asked for it is not there; with it the page holds the sentence and the figure."""
    monkeypatch.setattr(conducted, "_conducting", Standing)
    assert SAID not in client.get(PAGE, params={"at": DAY}).text
    path = desk.folder / "mine" / "case.toml"
    path.write_text(path.read_text(encoding="utf-8") + ASKS, encoding="utf-8")
    gone = client.get(PAGE, params={"at": DAY}).text
    assert "acts.duckdb, which [conduct] asks for, lies neither" in gone
    (desk.folder / "acts.duckdb").write_bytes(b"a store")
    text = client.get(PAGE, params={"at": DAY}).text
    assert SAID in text
    assert "p 0.62" in text
