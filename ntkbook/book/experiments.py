"""The part of the API page that lists the experiments, so that adding one does not touch the page."""


def experiments_markdown() -> str:
    """Write a section for each experiment: what it is about, and its settings.

    Returns
    -------
    str
        MyST Markdown.
    """
    from ntkbook.experiments import catalogue  # loads torch; a book without this page does without

    sections = []
    for name in catalogue.NAMES:
        directive = [f".. automodule:: ntkbook.experiments.{name}.config", "   :members: Config"]
        sections += [f"### {name}", "", catalogue.get(name).summary, "", "```{eval-rst}", *directive, "```", ""]
    return "\n".join(sections)
