/* Chapters before the package: what a name in the package's reference adds to a match is taken off again. */
var Scorer = {
  score: ([docname, , , , score]) => (docname === "book/api" ? score - 20 : score),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
