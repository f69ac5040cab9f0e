"""export store, figure, tables, study; import."""

import csv
import hashlib
import io
import json
import shutil
import xml.etree.ElementTree as ET
import zipfile

import pypdf
import pytest
from PIL import Image

from reportgen.store import Store

SITE = "https://example.org/g"


@pytest.mark.parametrize(
    ("form", "name"), [("csv", "runs.csv"), ("parquet", "runs.parquet"), ("sqlite", "reportgen.sqlite")]
)
def test_export_store_writes_tables(cli, tiny, form, name):
    done = cli("export", "store", "out", "--format", form, "--json")
    assert done.code == 0
    assert f"out/{name}" in done.document["files"]
    assert (tiny / "out" / name).stat().st_size > 0


def test_export_figure_writes_the_files_of_the_site(cli, tiny):
    cli("build", "--no-run", "--base-url", SITE)
    done = cli("export", "figure", "tiny/profile", "out", "--format", "dark.svg,svg,pdf, PNG,csv,parquet", *_at())
    assert done.code == 0
    made = {path.name: path.read_bytes() for path in (tiny / "out").iterdir()}
    endings = (".svg", "-dark.svg", ".png", ".pdf", ".csv", ".parquet")
    assert set(made) == {f"tiny-profile{ending}" for ending in endings}
    assert made == {name: (tiny / "site" / "tiny" / "profile" / name).read_bytes() for name in made}


def test_nothing_is_drawn_for_data_alone(cli, tiny, monkeypatch):
    monkeypatch.setattr("reportgen.figures.save", None)  # would fail if it were called
    assert cli("export", "figure", "tiny/profile", "out", "--format", "csv,parquet").code == 0
    assert {path.name for path in (tiny / "out").iterdir()} == {"tiny-profile.csv", "tiny-profile.parquet"}


def _at():
    return ("--base-url", SITE)


def test_export_figure_writes_pgf_that_states_its_data(cli, tiny):
    cited = cli("cite", "tiny/profile", "--json").document
    assert cli("export", "figure", "tiny/profile", "out", "--format", "pgf", "--release", "1.0", *_at()).code == 0
    (path,) = (tiny / "out").iterdir()
    text = path.read_text(encoding="ascii")
    assert path.name == "tiny-profile.pgf" and "\\begin{pgfpicture}" in text
    assert f"% reportgen: tiny/profile sha256:{cited['data_hash']}" in text
    assert f"% {SITE}/releases/1.0/tiny/profile/" in text


def test_another_address_draws_nothing_again_and_is_in_the_files(cli, tiny):
    assert cli("build", "--no-run", "--json").document["drawn"] == 1
    again = cli("build", "--no-run", "--json", "--base-url", SITE)
    assert again.document["drawn"] == 0
    place = tiny / "site" / "tiny" / "profile"
    address = f"{SITE}/tiny/profile/"
    with Image.open(place / "tiny-profile.png") as picture:
        assert picture.info["Source"].endswith(address) and picture.info["Author"] == "A. Tester"
    assert pypdf.PdfReader(place / "tiny-profile.pdf").metadata["/Keywords"].endswith(address)
    for name in ("tiny-profile.svg", "tiny-profile-dark.svg"):
        identifiers = ET.parse(place / name).iter("{http://purl.org/dc/elements/1.1/}identifier")
        assert next(identifiers).text == address


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["figure", "tiny", "out"], "'tiny' is a study, not a figure", "tiny/profile"),
        (["figure", "tiny/profil", "out"], "there is no figure of tiny called 'profil'", "did you mean 'profile'?"),
        (["figure", "tiny/profile", "out", "--format", "svg,jpg"], "no figure format called 'jpg'", "png"),
        (["figure", "tiny/profile", "out", "--format", ","], "no format is given", "svg"),
        (["figure", "tiny/profile", "out", "--base-url", "x"], "'x' is not the address of a site", "https://"),
        (["study", "tiny", "out"], "'out' does not end in .zip", "archive"),
        (["tables", "tinny", "out"], "there is no study called 'tinny'", "did you mean 'tiny'?"),
        (["results"], "No such command 'results'", "reportgen export --help"),
    ],
)
def test_wrong_usage_is_explained(cli, tiny, arguments, message, hint):
    done = cli("export", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err and hint in done.err
    assert not (tiny / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(cli, tiny):
    (tiny / "out").write_text("a file")
    done = cli("export", "tables", "tiny", "out")
    assert done.code == 1 and "'out' cannot be written" in done.err


def test_export_tables_as_latex_and_csv(cli, tiny):
    assert cli("export", "tables", "tiny", "out").code == 0
    text = (tiny / "out" / "tiny-trained.tex").read_text(encoding="ascii")
    assert "\\label{tab:tiny-trained}" in text and "relu \\emph{(baseline)}" in text
    assert cli("export", "tables", "tiny", "out", "--format", "csv").code == 0
    rows = list(csv.DictReader(io.StringIO((tiny / "out" / "tiny-trained.csv").read_text(encoding="utf-8"))))
    shown = {row["arm"]: row for row in cli("show", "tiny", "--json").document["estimates"] if row["name"] == "success"}
    found = {row["arm"]: float(row["success"]) for row in rows}
    assert found == pytest.approx({arm: row["estimate"] for arm, row in shown.items()}, rel=1e-11)


@pytest.fixture
def larger(tiny, cli):
    """The tiny study in a store that holds another study's runs too, with a bibliography and a register beside it."""
    text = (tiny / "studies" / "tiny.yaml").read_text()
    (tiny / "studies" / "other.yaml").write_text(text.replace("steps: 8", "steps: 6"))
    (tiny / "studies" / "references.bib").write_text("@misc{a, title={A}, author={A}, year={2020}}\n")
    assert cli("run", "other", "--jobs", "1", "--quiet").code == 0
    return tiny


def files_below(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_exported_study_is_rendered_elsewhere_to_the_same_bytes(cli, larger, monkeypatch):
    assert cli("build", "tiny", "--no-run", *_at()).code == 0
    exported = cli("export", "study", "tiny", "parcel/tiny.zip", "--json", *_at())
    assert exported.document["runs"] == 16 and exported.document["build"].endswith("studies/tiny.yaml --no-run")
    shutil.copy(larger / "parcel" / "tiny.zip", larger / "tiny.zip")
    expected, drawn = files_below(larger / "site"), files_below(larger / "site" / "tiny" / "profile")
    for name in ("studies", "results", "site", "parcel"):
        shutil.rmtree(larger / name)
    done = cli("import", "tiny.zip", "--json")
    assert (done.code, done.document["folder"]) == (0, "tiny")
    assert "Next: cd tiny && reportgen build tiny --no-run" in done.err
    monkeypatch.chdir(larger / "tiny")
    assert len(Store("results").run_ids()) == 16
    assert cli("build", "tiny", "--no-run", "--strict", *_at()).code == 0
    assert files_below(larger / "tiny" / "site") == expected
    figures = files_below(larger / "tiny" / "figures")
    assert figures == {name: drawn[name] for name in drawn if name in figures} and len(figures) == 6


def test_the_archive_is_the_same_each_time_and_lists_itself(cli, larger):
    cli("export", "study", "tiny", "one.zip")
    shutil.rmtree(larger / "results" / ".figures")
    Store("results").drop(sorted(Store("results").run_ids() - _runs(cli)))
    cli("export", "study", "tiny", "two.zip")
    assert (larger / "one.zip").read_bytes() == (larger / "two.zip").read_bytes()
    with zipfile.ZipFile(larger / "one.zip") as archive:
        names = set(archive.namelist())
        listed = json.loads(archive.read("archive.json"))["files"]
        assert set(listed) == names - {"archive.json"}
        assert all(hashlib.sha256(archive.read(name)).hexdigest() == listed[name]["sha256"] for name in listed)
        assert {"studies/tiny.yaml", "studies/references.bib", "studies/claims.yaml", "citation.bib"} <= names
        readme = archive.read("README.txt").decode()
    assert "reportgen import tiny.zip\n    cd tiny\n    reportgen build studies/tiny.yaml --no-run\n" in readme
    assert "A. Tester" in readme and "other" not in "".join(names)


def _runs(cli):
    from reportgen import study

    return {run.run_id for arm in study.load("studies/tiny.yaml").arms for run in arm.runs}


def test_a_profile_and_an_offset_are_in_the_command(cli, untrained):
    assert cli("run", "tiny", "--profile", "quick", "--seed-offset", "5", "--jobs", "1").code == 0
    cli("export", "study", "tiny", "a.zip", "--profile", "quick", "--seed-offset", "5")
    done = cli("import", "a.zip", "new")
    assert "cd new && reportgen build tiny --no-run --profile quick --seed-offset 5" in done.err
    assert len(Store("new/results").run_ids()) == 16


def test_a_study_without_runs_is_exported_too(cli, untrained):
    assert cli("export", "study", "tiny", "a.zip", "--json").document["runs"] == 0
    assert cli("import", "a.zip", "new").code == 0
    assert (untrained / "new" / "studies" / "tiny.yaml").is_file()


@pytest.mark.parametrize("name", ["tiny.pth", "sitecustomize.py", "results/index.html", "studies/evil.py", "Makefile"])
def test_what_is_no_part_of_a_study_is_not_unpacked(cli, tiny, name):
    about = {"format": 1, "study": "tiny", "files": {name: {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}}}
    with zipfile.ZipFile("evil.zip", "w") as archive:
        archive.writestr("archive.json", json.dumps(about))
        archive.writestr(name, b"x")
    done = cli("import", "evil.zip", "new")
    assert done.code == 2 and "does not belong into it" in done.err
    assert not (tiny / "new").exists()


def test_an_import_replaces_nothing(cli, tiny):
    cli("export", "study", "tiny", "a.zip")
    assert cli("import", "a.zip", ".").code == 0  # the study and the runs are those that are there
    (tiny / "studies" / "tiny.yaml").write_text("mine")
    done = cli("import", "a.zip", ".")
    assert done.code == 2 and "studies/tiny.yaml' is there already, with other content" in done.err
    assert (tiny / "studies" / "tiny.yaml").read_text() == "mine"


def test_an_archives_words_are_no_command(cli, tiny):
    about = {"format": 1, "study": "tiny", "profile": "x; rm -rf ~", "seed_offset": "1; ls", "files": {}}
    with zipfile.ZipFile("evil.zip", "w") as archive:
        archive.writestr("archive.json", json.dumps(about))
    assert "rm -rf" not in cli("import", "evil.zip", "new").err
