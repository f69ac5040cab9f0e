"""A figure as linked data: what it shows, its files, and the chain from it to its data, runs, code and study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportgen.figures.stamp import MEDIA_TYPES
from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.nodes import Node
from reportgen.pages.metadata.people import credit
from reportgen.pages.metadata.provenance import RUN_TABLES, environments

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import FigureView, StudyView

NAMED_RUNS = 60
"""So many run ids are named; of more, the list is named that the site has beside the figure."""

DATA = ("csv", "parquet")
"""Formats that hold the data; the others are drawings."""


def figure_nodes(view: FigureView, study: StudyView, address: Address) -> list[Node]:
    """Return the figure (``ImageObject``), its data (``Dataset``), and how both were made (``CreateAction``)."""
    data = {"@id": nodes.identity(address, view.path, "data")}
    image = {"@id": nodes.identity(address, view.path, "figure")}
    runs = {"@id": nodes.identity(address, view.path, "runs")}
    return [
        {**image, **_image(view, study, address), "isBasedOn": data},
        {**data, **_data(view, study, address), "isBasedOn": runs},
        {**runs, **_runs(view, study, address)},
        *_actions(view, study, runs, [image, data]),
    ]


def part_of(study: StudyView, address: Address) -> Node:
    """Return a study as that of which something is a part."""
    return {
        "@type": "ScholarlyArticle",
        "@id": nodes.elsewhere(address, study.path, "study"),
        "name": study.entry.study.title,
        "url": address.page(study.path),
    }


def _image(view: FigureView, study: StudyView, address: Address) -> Node:
    figure = view.figure
    drawings = {kind: name for kind, name in view.files.items() if kind not in DATA}
    preferred = next((drawings[kind] for kind in ("png", "svg") if kind in drawings), "")
    return {
        "@type": "ImageObject",
        "name": figure.title,
        "caption": figure.caption,
        "description": figure.alt,
        **nodes.work(study.entry.study),
        "creditText": credit(study.entry.study.authors),
        "keywords": list(study.entry.study.keywords),
        "identifier": [nodes.hash_value(figure.data_hash), nodes.value("figure", view.path.strip("/"))],
        "url": address.page(view.path),
        "contentUrl": address.page(f"{view.path}{preferred}"),
        "encodingFormat": sorted({MEDIA_TYPES[kind] for kind in drawings}),
        "encoding": [
            nodes.download(f"{view.path}{name}", MEDIA_TYPES[kind], address) for kind, name in drawings.items()
        ],
        "acquireLicensePage": address.page(study.path),
        "isPartOf": part_of(study, address),
        "position": view.number,
    }


def _data(view: FigureView, study: StudyView, address: Address) -> Node:
    figure = view.figure
    return {
        "@type": "Dataset",
        "name": f"Data of the figure “{figure.title}”",
        "description": f"What the figure plots: {len(figure.data)} rows. {figure.caption} {figure.alt}",
        **nodes.work(study.entry.study),
        "identifier": nodes.hash_value(figure.data_hash),
        "variableMeasured": [
            {"@type": "PropertyValue", "name": str(column), "description": figure.columns.get(str(column), "")}
            for column in figure.data.columns
        ],
        "measurementTechnique": [dotted for dotted, _ in view.methods],
        "distribution": [
            nodes.download(f"{view.path}{view.files[kind]}", MEDIA_TYPES[kind], address, "DataDownload")
            for kind in DATA
            if kind in view.files
        ],
    }


def _runs(view: FigureView, study: StudyView, address: Address) -> Node:
    ids = view.run_ids
    named = [nodes.value("run id", run_id) for run_id in ids] if len(ids) <= NAMED_RUNS else []
    longer = [] if named else [nodes.download(f"{view.path}runs.txt", "text/plain", address, "DataDownload")]
    tables = ", ".join(RUN_TABLES)
    return {
        "@type": "Dataset",
        "name": f"Runs behind the figure “{view.figure.title}”",
        "description": f"{len(ids)} training runs of the study “{study.entry.study.title}”, each kept in the store's "
        f"tables {tables} under its run id.",
        **nodes.work(study.entry.study),
        "identifier": named,
        "distribution": longer if ids else [],
    }


def _actions(view: FigureView, study: StudyView, runs: Node, results: list[Node]) -> list[Node]:
    """Return the training of the runs, in each environment that the study's runs were made in, and the drawing."""
    trained = [
        {
            "@type": "CreateAction",
            "name": f"Training of the runs of the study “{study.entry.study.title}”",
            "description": study.command,
            "actionStatus": nodes.COMPLETED,
            "instrument": nodes.software(environment),
            "result": runs,
        }
        for environment in environments(study.entry)
    ]
    drawn = {
        "@type": "CreateAction",
        "name": f"Analysis of the runs and drawing of the figure “{view.figure.title}”",
        "actionStatus": nodes.COMPLETED,
        "instrument": nodes.software(),
        "object": runs,
        "result": results,
    }
    return [*trained, drawn] if view.run_ids else [drawn]
