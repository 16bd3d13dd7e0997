// A link into something folded opens it: a solution of an exercise, or the numbers of a claim.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const folded = target.closest(".toggle-hidden");
  folded?.querySelector(".toggle-button")?.click();
  const details = target.closest("details:not([open])");
  details?.setAttribute("open", "");
  if (folded || details) target.scrollIntoView();
}

window.addEventListener("load", reveal);
window.addEventListener("hashchange", reveal);
