"""Files of figures: their hashes, their bytes, and what is drawn again."""

from __future__ import annotations

import hashlib
import importlib
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib
import pytest
from PIL import Image

from reportgen.figures import Figure, prepare, save
from reportgen.figures import draw as draw_module
from reportgen.figures.draw import ENDINGS, counterparts, laid_out, render, settings
from reportgen.figures.save import FigureError, key
from reportgen.figures.svg import recoloured
from reportgen.figures.theme import DARK, LIGHT
from reportgen.store import Store

save_module = importlib.import_module("reportgen.figures.save")  # the package's attribute is the function
HARMFUL = "<script>alert(1)</script> & $x^2$ \"q\" 'a' \x07"


def figures(fakes: SimpleNamespace, *kinds: str, **options: Any) -> tuple[Figure, ...]:
    study = fakes.study()
    requests = tuple(fakes.request(kind, **options) for kind in kinds)
    return prepare(replace(study, report=requests), fakes.analysis(study))


def test_the_hash_is_of_data_and_parameters_only(fakes: SimpleNamespace) -> None:
    (figure,) = figures(fakes, "decay-factor")
    same = replace(figure, title="other", caption="other", alt="other", run_ids=("x",), study="s", id="i", method=())
    assert same.data_hash == figure.data_hash
    assert replace(figure, data=figure.data.copy()).data_hash == figure.data_hash
    other = figure.data.copy()
    other.loc[0, "estimate"] += 1e-9
    changed = [
        replace(figure, data=other),
        replace(figure, data=figure.data.rename(columns={"n": "m"})),
        replace(figure, parameters={**figure.parameters, "ylabel": "x"}),
        replace(figure, kind_version=2),
    ]
    assert len({figure.data_hash, *(f.data_hash for f in changed)}) == 5


def test_the_key_follows_the_words_that_are_in_the_files(fakes: SimpleNamespace) -> None:
    (figure,) = figures(fakes, "decay-factor")
    assert key(replace(figure, caption="other", run_ids=())) == key(figure)
    assert len({key(figure), key(replace(figure, title="x")), key(replace(figure, alt="x"))}) == 3


def test_only_what_changed_is_drawn(fakes: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def write(figure: Figure, folder: Path) -> None:
        drawn.append(figure.id)
        for ending in ENDINGS:
            (folder / f"{figure.id}{ending}").write_text(figure.alt + ending)

    monkeypatch.setattr(save_module, "write", write)
    first, second = figures(fakes, "decay-factor", "time-to-target")
    cache, site = tmp_path / "cache", tmp_path / "site"
    assert save([first, second], site, cache=cache).drawn == ("demo/decay-factor", "demo/time-to-target")
    unchanged = site / "demo" / "decay-factor" / "decay-factor.png"
    before = unchanged.stat().st_mtime_ns
    changed = replace(second, data=second.data.iloc[1:])
    summary = save([first, changed], site, cache=cache)
    assert (summary.drawn, summary.kept) == (("demo/time-to-target",), ("demo/decay-factor",))
    assert unchanged.stat().st_mtime_ns == before
    unchanged.unlink()
    assert save([first], site, cache=cache).kept == ("demo/decay-factor",)
    assert unchanged.read_text() == first.alt + ".png"
    assert drawn == ["decay-factor", "time-to-target", "time-to-target"]


def test_old_drawings_are_forgotten(fakes: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_module, "render", lambda figure: dict.fromkeys(ENDINGS, b"x"))
    (figure,) = figures(fakes, "decay-factor")
    for title in range(7):
        save([replace(figure, title=str(title))], tmp_path / "site", cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache" / "demo" / "decay-factor").iterdir())) == save_module.KEPT_VERSIONS


def test_a_figure_that_cannot_be_drawn_is_named(fakes: SimpleNamespace, tmp_path: Path) -> None:
    (figure,) = figures(fakes, "decay-factor")
    broken = replace(figure, parameters={**figure.parameters, "colour": None})
    with pytest.raises(FigureError, match="'demo/decay-factor' could not be drawn: TypeError"):
        save([broken], tmp_path / "site", cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.png"))


def test_bytes_are_the_same_in_other_processes(fakes: SimpleNamespace, tmp_path: Path) -> None:
    made = (
        *figures(fakes, "decay-factor", "time-to-target", "success-by-rate"),
        *figures(fakes, "metric-by-factor", against="initialisation"),
    )
    assert len(made) >= save_module.FEWEST
    save(made, tmp_path / "site", cache=tmp_path / "cache", jobs=2)
    for figure in made:
        for ending, content in render(figure).items():
            path = tmp_path / "site" / "demo" / figure.id / f"{figure.id}{ending}"
            assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(content).digest(), path.name


def test_drawings_say_nothing_of_when_and_by_what_they_were_made(fakes: SimpleNamespace, tmp_path: Path) -> None:
    (figure,) = figures(fakes, "time-to-target")
    files = render(figure)
    with Image.open(io.BytesIO(files[".png"])) as picture:
        assert picture.width == 1280 and set(picture.info) == {"dpi"}
    assert b"Date" not in files[".pdf"] and b"atplotlib" not in files[".pdf"] + files[".png"]
    for ending in (".light.svg", ".dark.svg"):
        assert not re.search(rb"(?i)matplotlib (v|version)|matplotlib\.org|<!--|<metadata", files[ending])
    assert files[".csv"].decode() == figure.csv
    path = tmp_path / "a.parquet"
    path.write_bytes(files[".parquet"])
    stored = Store(tmp_path / "results").sql(f"SELECT * FROM '{path}'")
    assert stored.to_csv(index=False, float_format="%.12g", lineterminator="\n") == figure.csv


def harmful_figure(fakes: SimpleNamespace, kind: str, **options: Any) -> Figure:
    study = fakes.study({"activation": (HARMFUL, "ReLU"), "initialisation": ("Glorot", "He")})
    request = replace(fakes.request(kind, **options), title=HARMFUL)
    (figure,) = prepare(replace(study, report=(request,)), fakes.analysis(study))
    return figure


@pytest.mark.parametrize("kind", ["gradient-profile", "decay-factor", "learning-curves"])
def test_labels_are_harmless(fakes: SimpleNamespace, kind: str) -> None:
    files = render(harmful_figure(fakes, kind, panels="initialisation"))
    for ending in (".light.svg", ".dark.svg"):
        text = files[ending].decode()
        root = ET.fromstring(text)
        assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        assert "$x^2$" in "".join(root.itertext())
        assert not re.search(r'(?:xlink:)?href="(?!#)|url\((?!#)| style=|<style|<!DOCTYPE|\son\w+=', text)


def test_light_and_dark_share_no_id(fakes: SimpleNamespace) -> None:
    (figure,) = figures(fakes, "decay-course")
    files = render(figure)
    light, dark = (set(re.findall(r'\bid="([^"]+)"', files[f".{name}.svg"].decode())) for name in ("light", "dark"))
    assert light and not light & dark


@pytest.mark.parametrize("kind", ["gradient-profile", "time-to-target"])
def test_recolouring_is_the_same_as_drawing_in_dark(fakes: SimpleNamespace, kind: str) -> None:
    (figure,) = figures(fakes, kind, panels="initialisation")
    drawn = {}
    for theme in (LIGHT, DARK):
        with matplotlib.rc_context(settings(figure, theme)):
            drawn[theme.name] = draw_module._saved(laid_out(figure, theme), "svg").decode()
    changed = recoloured(drawn["light"], counterparts(figure))
    assert changed is not None
    # ids are hashes of styles, colours included
    anonymous = [re.sub(r'(id="|#)[a-zA-Z][0-9a-f]{10}', r"\1", text) for text in (changed, drawn["dark"])]
    assert anonymous[0] == anonymous[1]


def test_a_figure_without_data_is_drawn_as_a_sentence(fakes: SimpleNamespace) -> None:
    (figure,) = figures(fakes, "decay-factor")
    empty = replace(figure, data=figure.data.iloc[:0], alt="This figure has no data yet. No data for a: not run yet.")
    text = "".join(ET.fromstring(render(empty)[".dark.svg"]).itertext())
    assert "No data for a: not run yet." in text


def test_nothing_to_draw_imports_no_drawing_library(fakes: SimpleNamespace, tmp_path: Path) -> None:
    code = f"import sys, reportgen.figures as f; f.save([], {str(tmp_path)!r}); print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
