"""One page and how it is rendered: the template chain, relative addresses, navigation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

import reportgen
from reportgen.errors import ReportgenError
from reportgen.pages import numbers
from reportgen.pages.address import Address
from reportgen.pages.text import clean, shorten, slug
from reportgen.resources import templates_folder

if TYPE_CHECKING:
    from reportgen.pages.metadata.head import Head

NAME = "Vanishing gradients, measured"

NAVIGATION = (
    ("claims/", "Claims"),
    ("what-helps/", "What helps"),
    ("studies/", "Studies"),
    ("signs/", "Signs"),
    ("theory/", "Theory"),
    ("architectures/", "Catalogue"),
    ("methods/", "Methods"),
    ("limits/", "Limits"),
    ("glossary/", "Glossary"),
    ("data/", "Data"),
    ("reproduce/", "Reproduce"),
    ("cite/", "Cite"),
)

PARTS = {"remedies/": "architectures/", "tasks/": "architectures/"}
"""Pages that belong to another entry of the navigation than their path says."""

ASIDE = ("references/", "releases/", "changes/")
"""Pages that belong to no entry of the navigation."""

CONTENT_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'"


@dataclass(frozen=True)
class Page:
    """A page before it is rendered.

    Attributes
    ----------
    path : str
        Its folder on the site with a final "/"; "" for the home page.
    template : str
    title, description : str
        Plain text; the description is one or two sentences.
    context : mapping
        What the template needs beside the page itself.
    crumbs : tuple of (title, path)
        The pages above it.
    subject : object
        The view of what the page shows (a study, a figure, a claim, the glossary), which its metadata are made from;
        None for other pages.
    """

    path: str
    template: str
    title: str
    description: str
    context: Mapping[str, Any] = field(default_factory=dict)
    crumbs: tuple[tuple[str, str], ...] = ()
    subject: object = None

    @property
    def section(self) -> str:
        """The entry of the navigation that the page belongs to."""
        if not self.path or self.path in ASIDE:
            return ""
        place = PARTS.get(self.path, self.path)
        return next((path for path, _ in NAVIGATION if place.startswith(path)), "studies/")


def relative(page_path: str) -> Callable[[str], str]:
    """Return the function that leads from a page to a site path: folders get their ``index.html``."""

    def url(target: str) -> str:
        path, mark, anchor = target.partition("#")
        name = path + "index.html" if not path or path.endswith("/") else path
        return "../" * page_path.count("/") + name + mark + anchor

    return url


def template_chain(templates: Path | None) -> tuple[Path, ...]:
    """Return the folders in which templates and assets are looked up; the reader's own come first."""
    if not templates:
        return (templates_folder(),)
    for path in templates.rglob("*"):
        if not path.resolve().is_relative_to(templates.resolve()):
            what = f"{path} leads out of the folder of templates through a link"
            raise ReportgenError(what, "put the file itself there: what a link leads to would be published")
    return templates, templates_folder()


def environment(templates: Path | None) -> jinja2.Environment:
    """Return the environment of the site's templates: everything is escaped, nothing may be undefined."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in template_chain(templates)]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(slug=slug, shorten=shorten, setting=numbers.setting, number=numbers.number, whole=_whole)
    made.globals.update(
        site_name=NAME, navigation=NAVIGATION, content_policy=CONTENT_POLICY, version=reportgen.__version__
    )
    return made


def render_page(page: Page, templates: jinja2.Environment, address: Address, head: Head | None = None) -> bytes:
    """Render a page to UTF-8; `head` has what it says to machines.

    Raises
    ------
    ReportgenError
        If a template is missing or is at fault; the message names it.
    """
    try:
        html = templates.get_template(page.template).render(
            **page.context, page=page, head=head, url=relative(page.path), address=address, base_url=address.page("")
        )
    except jinja2.TemplateNotFound as error:
        raise ReportgenError(f"there is no template '{error.name}'", "the templates folder must hold it") from error
    except jinja2.TemplateError as error:
        where = f"{page.template}:{getattr(error, 'lineno', '') or ''}".rstrip(":")
        raise ReportgenError(f"the template {where} is at fault: {error.message}", "mend it, or remove it") from error
    return html.encode()


def _harmless(value: Any) -> Any:
    if isinstance(value, Markup):
        return Markup(clean(str(value)))  # removing characters keeps escaped text escaped
    return clean(value) if isinstance(value, str) else value


def _whole(value: int) -> str:
    return numbers.fixed(value, 0)
