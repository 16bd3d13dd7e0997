/* A theorem, equation, figure, exercise or cited work shows itself where a link to it is pointed at or focused.

   What is shown is copied from where it stands: from this page, or from another page of the book, which is fetched when
   it is first asked for. Escape hides it; the pointer may enter it. */
(() => {
  "use strict";
  const SHOWN = ".proof, .exercise, figure, div.math, .citation, dt";
  const LINKS = "article a.reference.internal[href*='#']";
  const DELAY = 250; // ms: a pointer on its way elsewhere opens nothing

  const tip = document.createElement("div");
  tip.id = "tip";
  tip.className = "bd-content";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  const pages = new Map();
  let shown = null; // the link whose target is shown
  let timer = 0;

  function page(url) {
    const address = url.origin + url.pathname;
    if (address === location.origin + location.pathname) return document;
    if (!pages.has(address)) {
      const parsed = fetch(address).then(async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html"));
      pages.set(address, parsed.catch(() => null));
    }
    return pages.get(address);
  }

  async function copy(link) {
    const url = new URL(link.href);
    const source = await page(url);
    const found = source?.getElementById(decodeURIComponent(url.hash.slice(1)))?.closest(SHOWN);
    if (!found) return null;
    const block = document.createElement("div");
    block.append(document.importNode(found, true));
    if (found.matches("dt") && found.nextElementSibling) block.append(document.importNode(found.nextElementSibling, true));
    for (const part of block.querySelectorAll(".headerlink, script, .made")) part.remove();
    for (const part of block.querySelectorAll("[id]")) {
      // A drawing from another page brings the marks that it refers to; on this page they are there already.
      if (source === document || !part.closest("svg")) part.removeAttribute("id");
    }
    for (const image of block.querySelectorAll("img")) image.src = new URL(image.getAttribute("src"), url);
    for (const inner of block.querySelectorAll("a[href]")) {
      inner.href = new URL(inner.getAttribute("href"), url);
      inner.tabIndex = -1;
    }
    return block;
  }

  // A page without formulas has no MathJax: it is loaded for the first tip that needs it.
  function typeset(element) {
    if (!/\\[([]/.test(element.textContent)) return null;
    if (window.typesetElement) return window.typesetElement(element);
    if (!window.MathJax) {
      window.MathJax = { startup: { typeset: false }, options: { enableMenu: false } };
      const script = document.createElement("script");
      script.src = `${document.documentElement.dataset.content_root}_static/mathjax/tex-chtml.js`;
      const loaded = new Promise((resolve) => script.addEventListener("load", resolve));
      window.typesetElement = (part) => loaded.then(() => MathJax.startup.promise).then(() => MathJax.typesetPromise([part]));
      document.head.append(script);
    }
    return window.typesetElement(element);
  }

  function place(link) {
    const [box] = link.getClientRects();
    if (!box) return;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const room = document.documentElement;
    const left = Math.max(8, Math.min(box.left, room.clientWidth - width - 8));
    const below = box.bottom + height + 8 < room.clientHeight || box.top < height + 8;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(below ? box.bottom + 4 : box.top - height - 4) + scrollY}px`;
  }

  async function show(link) {
    const content = await copy(link);
    if (!content || shown !== link) return;
    tip.replaceChildren(content);
    tip.hidden = false;
    place(link);
    link.removeAttribute("title");
    link.setAttribute("aria-describedby", tip.id);
    await typeset(tip);
    if (shown === link) place(link);
  }

  function hide() {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  }

  function ask(link, delay) {
    if (link === shown) return clearTimeout(timer);
    hide();
    shown = link;
    timer = setTimeout(show, delay, link);
  }

  function leave() {
    clearTimeout(timer);
    timer = setTimeout(hide, DELAY);
  }

  document.body.append(tip);
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const link = event.target.closest(LINKS);
    if (link) ask(link, DELAY);
    else if (event.target.closest("#tip")) clearTimeout(timer);
    else if (shown && shown !== document.activeElement) leave();
  });
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest(LINKS);
    if (link?.matches(":focus-visible")) ask(link, 0);
    else if (!event.target.closest("#tip")) hide();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
})();
