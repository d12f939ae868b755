"""What a search has counted is kept while it is not done."""

from goodoffices.workbench.shelf import Kept


def test_stopped_before_anything_was_counted(tmp_path):
    """There is nothing to keep then, and no file is left, not even a draft."""
    shelf = Kept({"question": 1}, tmp_path)
    shelf.save()
    assert list(tmp_path.iterdir()) == []
    assert Kept({"question": 1}, tmp_path).resumed == 0
