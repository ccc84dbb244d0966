"""What the README says of the code is so."""

import re
from pathlib import Path

import pytest

from web import demo

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
WALK = README.partition("### The walk of one submission")[2].partition("###")[0]
FILE_AND_NAME = re.compile(r"`([\w/]+\.py)` `([\w.]+)")


@pytest.mark.parametrize(("file", "name"), FILE_AND_NAME.findall(WALK))
def test_each_step_of_the_walk_is_where_the_readme_says(file: str, name: str):
    source = (ROOT / file).read_text(encoding="utf-8")
    for part in name.split("."):
        defined = rf"^\s*(def|class) {part}\b|^{part}\b.* = "
        assert re.search(defined, source, re.MULTILINE), f"{part} is not in {file}"


def test_the_walk_names_every_layer():
    files = {file for file, _ in FILE_AND_NAME.findall(WALK)}
    assert {name.split("/")[0] for name in files} == {"web", "forms", "engine"}
    assert len(files) >= 12


def test_the_readme_lists_the_demo_accounts_and_their_password():
    for username, *_ in demo.PEOPLE:
        assert README.count(f"| `{username}` |") == 2, f"{username} is not in both tables"
    assert README.count(demo.PASSWORD) == 2


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda page: page.stem)
def test_each_decision_says_context_decision_and_consequences(page: Path):
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
