/* Typeset what the reader sees first, the rest in idle moments.

   A long chapter has 500 formulas. MathJax sets them all before it lets go of the page; here each stays TeX source, which
   a screen reader can read, until it comes near the screen or nothing else is to be done. Formulas above the screen wait
   until they are approached, so that the text under the reader's eyes stays where it is. */
(() => {
  "use strict";
  const BATCH = 8; // formulas set at a time when idle: some 20 ms of work
  const pending = new Set();
  let working = Promise.resolve();

  const holdsTex = (element) => /\\[([]/.test(element.textContent);

  // Formulas that are wider than their column scroll, and what scrolls must be reached by keyboard.
  function reachable(element) {
    for (const box of [element, ...element.querySelectorAll("mjx-container[display]")]) {
      const scrolls = getComputedStyle(box).overflowX === "auto" && box.scrollWidth > box.clientWidth + 1;
      if (scrolls) box.tabIndex = 0;
    }
  }

  function typeset(elements) {
    const chosen = elements.filter((element) => pending.delete(element));
    if (chosen.length === 0) return working;
    working = working
      .then(() => MathJax.typesetPromise(chosen))
      .then(() => chosen.forEach(reachable))
      .catch((error) => console.error(error));
    return working;
  }

  const shown = (element) => element.getClientRects().length > 0;

  function next() {
    const below = [];
    for (const element of pending) {
      if (shown(element) && element.getBoundingClientRect().top >= 0) below.push(element);
      if (below.length === BATCH) break;
    }
    return below;
  }

  function idle() {
    const elements = next();
    if (elements.length > 0) typeset(elements).then(() => requestIdleCallback(idle));
  }

  const near = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return shown(element) && bottom > -innerHeight / 2 && top < 1.5 * innerHeight;
  };

  function begin() {
    const watch = new IntersectionObserver(
      (entries) => typeset(entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target)),
      { rootMargin: "50% 0px" },
    );
    for (const element of document.querySelectorAll(".math")) {
      if (!holdsTex(element)) continue;
      pending.add(element);
      watch.observe(element);
    }
    window.addEventListener("beforeprint", () => {
      MathJax.typeset([...pending]);
      pending.clear();
    });
    typeset([...pending].filter(near)).then(() => {
      // What stands before the target of a link has its size only now.
      const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target) target.scrollIntoView();
      document.documentElement.dataset.typeset = "shown";
      requestIdleCallback(idle);
    });
  }

  /** Typeset an element that was not on the page when it opened. */
  window.typesetElement = (element) => working.then(() => MathJax.typesetPromise([element]));
  /** Typeset everything now; resolves when it is done. */
  window.typesetAll = () => typeset([...pending]);

  if (!window.requestIdleCallback) window.requestIdleCallback = (callback) => setTimeout(callback, 50);
  MathJax.startup.promise.then(begin);
})();
