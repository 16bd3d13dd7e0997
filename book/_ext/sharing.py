"""What other sites and search engines read: the address of the site in one place, how to cite a page, ``robots.txt``.

The address is ``html: baseurl`` in ``_config.yml``. From it follow the canonical address of each page (Sphinx), the
sitemap (sphinx_sitemap), the addresses on the page for what is not found, and those in previews (sphinxext.opengraph).
"""

from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config


def spread(app: Sphinx, config: Config) -> None:
    """Give the address to the extensions that need it."""
    config.ogp_site_url = config.html_baseurl
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path or "/"


def citation(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Say in the head of a page how it is cited, in the tags that reference managers and scholarly search read.

    A `subtitle` in the front matter of a page takes the place of the book's title in the title of the window.
    """
    if doctree is None:
        return
    title = nodes.unescape(next(iter(doctree.findall(nodes.title))).astext())
    tags = {
        "citation_title": title,
        "citation_author": app.config.author,
        "citation_publication_date": app.config.copyright,
        "citation_public_url": urljoin(app.config.html_baseurl, app.builder.get_target_uri(pagename)),
    }
    if pagename != app.config.master_doc:
        tags["citation_inbook_title"] = app.config.html_title
    lines = [f'<meta name="{name}" content="{escape(value)}" />' for name, value in tags.items()]
    if subtitle := (context.get("meta") or {}).get("subtitle"):
        context["docstitle"] = subtitle  # the front page has the title of the book, which need not be told twice
    context["metatags"] = context.get("metatags", "") + "\n".join(lines) + "\n"


def describe(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let the `description` in the front matter of a page stand for its first words, which may be those of a table."""
    if told := (context.get("meta") or {}).get("description"):
        context["meta"]["og:description"] = told
        context["metatags"] = context.get("metatags", "") + f'<meta name="description" content="{escape(told)}" />\n'


def robots(app: Sphinx, exception: Exception | None) -> None:
    """Welcome every robot and name the sitemap."""
    if exception is None and app.builder.format == "html":
        sitemap = urljoin(app.config.html_baseurl, app.config.sitemap_filename)
        Path(app.outdir, "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {sitemap}\n", "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Before the other extensions look at their settings, with the head of each page, and at the end."""
    app.connect("config-inited", spread, priority=100)
    app.connect("html-page-context", describe, priority=400)
    app.connect("html-page-context", citation)
    app.connect("build-finished", robots)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
