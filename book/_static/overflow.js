/* What is wider than its column: it can be reached by keyboard, and fades on the side where there is more.

   Formulas are set late and windows change, so this looks again when the page does. */
(() => {
  "use strict";
  const KINDS = {
    ".math mjx-container": "formula",
    "span.math": "formula",
    ".pst-scrollable-table-container, .cell_output .text_html": "table",
  };

  const WORD = 100; // pixels: a letter whose slant leans out of its box has nothing to scroll to

  // On a phone the rows of a table of words become cards, and each cell says which column it is.
  for (const table of document.querySelectorAll(".bd-article .pst-scrollable-table-container > table")) {
    const columns = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    if (columns.length === 0 || table.matches(".dataframe, .ledger, .runs")) continue;
    table.classList.add("cards");
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, i) => (cell.dataset.column = columns[i]));
    }
  }

  function mark(box) {
    box.classList.toggle("scrolls-back", box.scrollLeft > 1);
    box.classList.toggle("scrolls-on", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  }

  function look() {
    for (const [selector, kind] of Object.entries(KINDS)) {
      for (const box of document.querySelectorAll(`.bd-article :is(${selector})`)) {
        const wide = box.clientWidth > WORD && box.scrollWidth > box.clientWidth + 1;
        if (wide !== box.classList.contains("scrolls")) {
          box.classList.toggle("scrolls", wide);
          if (wide) {
            box.tabIndex = 0;
            box.setAttribute("role", "group");
            box.setAttribute("aria-label", `A ${kind} that scrolls sideways`);
            box.addEventListener("scroll", () => mark(box), { passive: true });
          } else {
            for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
          }
        }
        if (wide) mark(box);
      }
    }
  }

  let waiting = false;
  function soon() {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        look();
      });
    }
  }

  const article = document.querySelector(".bd-article");
  if (!article) return; // as on the page of the search
  new MutationObserver(soon).observe(article, { childList: true, subtree: true });
  window.addEventListener("resize", soon);
  document.addEventListener("toggle", soon, true);
  soon();
})();
