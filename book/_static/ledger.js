// Filters of the ledger. Without this script the page is the whole table. The choice is kept in the address, as in
// ledger.html#verdict=vacuous&paper=cao2019deep, so that it can be linked to; ledger.html#A04 leads to one claim.
const FILTERS = {
  verdict: {
    label: "Verdict",
    choices: [
      ["reproduced", "reproduced"],
      ["only-asymptotic", "only asymptotic"],
      ["vacuous", "vacuous"],
      ["not-reproduced", "not reproduced"],
      ["not-run", "not run"],
    ],
  },
  paper: {
    label: "Paper",
    choices: [
      ["arora2019fine", "Arora et al. 2019"],
      ["cao2019deep", "Cao and Gu 2020"],
      ["allenzhu2019beyond", "Allen-Zhu et al. 2019"],
      ["li2018structured", "Li and Liang 2018"],
    ],
  },
  margin: {
    label: "Margin",
    choices: [
      ["fragile", "fragile, under 1.5"],
      ["firm", "1.5 or more, or exact"],
      ["none", "no spread over seeds"],
    ],
  },
};

const rows = [...document.querySelectorAll("table.claims tr[data-verdict]")];
const mount = document.getElementById("claim-filters");
const selects = Object.entries(FILTERS).map(([name, filter]) => makeSelect(name, filter));
const status = document.createElement("p");
status.setAttribute("role", "status");
const reset = document.createElement("button");
reset.type = "button";
reset.textContent = "Show all";
reset.addEventListener("click", () => {
  for (const select of selects) select.value = "";
  toAddress();
});
mount.append(...selects.map((select) => select.parentElement), status, reset);
mount.classList.add("claim-filters");
window.addEventListener("hashchange", fromAddress);
fromAddress();

function makeSelect(name, { label, choices }) {
  const field = document.createElement("label");
  const select = document.createElement("select");
  select.name = name;
  select.append(new Option("all", ""), ...choices.map(([value, text]) => new Option(text, value)));
  select.addEventListener("change", toAddress);
  field.append(`${label} `, select);
  return select;
}

function toAddress() {
  const chosen = selects.filter((select) => select.value).map((select) => `${select.name}=${select.value}`);
  history.replaceState(null, "", `#${chosen.join("&")}`);
  show();
}

function fromAddress() {
  const hash = decodeURIComponent(location.hash.slice(1));
  const row = rows.find((one) => one.id === hash);
  const chosen = new URLSearchParams(hash.includes("=") ? hash : "");
  if (row || hash.includes("=")) {
    for (const select of selects) {
      select.value = chosen.get(select.name) ?? "";
      if (select.selectedIndex < 0) select.value = "";
    }
  }
  show();
  if (row) {
    row.querySelector("details")?.setAttribute("open", "");
    row.scrollIntoView({ block: "start" });
  } else if (hash.includes("=")) {
    mount.scrollIntoView({ block: "start" });
  }
}

function show() {
  for (const row of rows) {
    row.hidden = selects.some((select) => select.value && row.dataset[select.name].replaceAll(" ", "-") !== select.value);
  }
  for (const table of document.querySelectorAll("table.claims")) {
    const section = table.closest("section");
    section.hidden = ![...table.querySelectorAll("tr[data-verdict]")].some((row) => !row.hidden);
  }
  const shown = rows.filter((row) => !row.hidden).length;
  status.textContent = `${shown} of ${rows.length} claims`;
  reset.hidden = shown === rows.length;
}
