"""`ntkbook list`: what can be run, and what came of it."""

from rich.table import Table
from rich.text import Text

from ntkbook import claims
from ntkbook.cli.check import LEDGER
from ntkbook.cli.console import console, say, verdict
from ntkbook.ledger import read_ledger


def list_experiments() -> None:
    """List the experiments, their claims, and the committed verdicts.

    A claim is what a paper says, and where. The verdicts are those of
    results/ledger.json in the current folder, one for each profile.

    For example:

        ntkbook list
    """
    from ntkbook.experiments import catalogue

    ledger = read_ledger(LEDGER)
    inventory = claims.inventory()
    checked = 0
    for name in catalogue.NAMES:
        experiment = catalogue.get(name)
        table = Table("Claim", "Where", "What the paper says", "Verdict", show_lines=True)
        for claim in experiment.claims:
            statement = inventory[claim.id]
            found = [Text.assemble(f"{row['profile']}: ", verdict(row)) for row in ledger if row["claim"] == claim.id]
            where = Text(f"{statement.paper}, {statement.where}")
            table.add_row(claim.id, where, Text(statement.says), Text("\n").join(found) or Text("not run", style="dim"))
        checked += len(experiment.claims)
        say(f"{name}: {experiment.summary}")
        say(f"Profiles: {', '.join(experiment.profiles)}. Run it: ntkbook run {name} --profile quick")
        console().print(table)
        say()
    say(f"{checked} of the {len(inventory)} claims in the inventory have a check.")
