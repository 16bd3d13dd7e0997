// What the explorers use of D3. The bundle beside this file, d3.js, was made from it by
//   npm install d3-axis@3.0.1 d3-contour@4.0.3 d3-scale@4.0.3 d3-selection@3.0.1 d3-shape@3.2.1 esbuild@0.28.2
//   npx esbuild entry.js --bundle --minify --format=esm --charset=ascii --legal-comments=none --outfile=d3.js
// and its first line names the version of every part.
export { axisBottom, axisLeft } from "d3-axis";
export { contours } from "d3-contour";
export { scaleLinear, scaleLog } from "d3-scale";
export { pointer, select } from "d3-selection";
export { area, line } from "d3-shape";
