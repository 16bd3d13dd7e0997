/* Search leads to sections. Sphinx finds pages; for each, this adds links to the parts that hold the words. */
(() => {
  "use strict";
  const MOST = 4; // parts named for a page
  const PARTS = "section[id], .proof[id], .exercise[id]";
  const results = document.getElementById("search-results");
  if (!results) return;
  const words = [...new Set((new URLSearchParams(location.search).get("q") || "").toLowerCase().match(/[\p{L}\p{N}]+/gu))];

  // Sphinx looks for stems, such as "pariti", and takes a page from its buttons on. An excerpt starts at the reader's words.
  const [excerpt, toText] = [Search.makeSearchSummary, Search.htmlToText];
  Search.makeSearchSummary = (html, stems, anchor) => excerpt(html, [...stems, ...words], anchor);
  Search.htmlToText = (html, anchor) => {
    const article = new DOMParser().parseFromString(html, "text/html").querySelector("article.bd-article");
    return article ? toText(`<div role="main">${article.innerHTML}</div>`, anchor) : toText(html, anchor);
  };

  // The text of a part without that of the parts inside it.
  function own(part) {
    const copy = part.cloneNode(true);
    for (const inner of copy.querySelectorAll(`${PARTS}, script, style, .headerlink`)) inner.remove();
    return copy.textContent.toLowerCase();
  }

  const heading = (part) =>
    part.querySelector(":scope > :is(h1, h2, h3, h4), :scope > .admonition-title")?.textContent.replace(/#$/, "").trim();

  function parts(page) {
    const found = [];
    for (const part of page.querySelectorAll(PARTS)) {
      const title = heading(part);
      if (!title || part.matches("section:has(> h1)")) continue;
      const text = own(part);
      const score = words.filter((word) => text.includes(word)).length + words.filter((word) => title.toLowerCase().includes(word)).length;
      if (words.some((word) => text.includes(word))) found.push({ id: part.id, title, score });
    }
    return found.sort((one, other) => other.score - one.score).slice(0, MOST);
  }

  async function lead(item) {
    const link = item.querySelector("a");
    if (!link || words.length === 0) return;
    const address = new URL(link.href);
    const page = new DOMParser().parseFromString(await (await fetch(address.pathname)).text(), "text/html");
    if (address.hash) {
      const title = page.getElementById(decodeURIComponent(address.hash.slice(1)))?.querySelector(":scope > .admonition-title");
      if (title) link.textContent = title.textContent; // "Theorem 2.3 (...)" for "(...)"
      return;
    }
    const list = document.createElement("ul");
    list.className = "search-parts";
    for (const { id, title } of parts(page)) {
      const to = document.createElement("a");
      to.href = `${address.pathname}#${id}`;
      to.textContent = title;
      const row = document.createElement("li");
      row.append(to);
      list.append(row);
    }
    if (list.children.length > 0) item.append(list);
  }

  const seen = new WeakSet();
  new MutationObserver(() => {
    for (const item of results.querySelectorAll("ul.search > li")) {
      if (seen.has(item)) continue;
      seen.add(item);
      lead(item).catch(() => {}); // a page opened from a folder cannot read the others: its result stays as it is
    }
  }).observe(results, { childList: true, subtree: true });
})();
