"""Send each page's buttons to paths that exist in the repository.

Sphinx sees executed notebooks, ``book/NAME.ipynb``. In git there is ``book/NAME.md``. ``ntkbook.book.export`` writes
the same chapters as notebooks that travel: the download button serves these, and the branch ``notebooks`` holds them
for Colab and Binder.
"""

from typing import Any

from sphinx.application import Sphinx

BRANCH = "notebooks"


def redirect(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Rewrite the links of the header buttons of one page."""
    buttons = []
    for button in context.get("header_buttons", []):
        inner = [_redirected(entry, app, context) for entry in button.get("buttons", [button])]
        buttons.append({**button, "buttons": inner} if "buttons" in button else inner[0])
    context["header_buttons"] = buttons


def _redirected(button: dict[str, Any], app: Sphinx, context: dict[str, Any]) -> dict[str, Any]:
    url = button.get("url", "")
    main = app.config.html_theme_options.get("repository_branch", "main")
    if button.get("label") == "source-edit-button":
        url = url.removesuffix(".ipynb") + ".md" if url.endswith(".ipynb") else url
    elif button.get("label") == "download-source-button" and url.endswith(".ipynb"):
        url = context["pathto"](f"_static/notebooks/{url.rpartition('/')[2]}", 1)
    elif button.get("text") == "Colab":
        url = url.replace(f"/blob/{main}/", f"/blob/{BRANCH}/")
    elif button.get("text") == "Binder":
        url = url.replace(f"/{main}?urlpath=", f"/{BRANCH}?urlpath=")
    else:
        return button
    return {**button, "url": url}


def setup(app: Sphinx) -> dict[str, bool]:
    """Run after the theme has made its buttons."""
    app.connect("html-page-context", redirect, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
