// Calls functions of an explorer's model: JSON in, [[name, ...arguments], ...], and JSON out, the answers in order.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const model = await import(pathToFileURL(process.argv[2]));
const calls = JSON.parse(readFileSync(0, "utf-8"));
console.log(JSON.stringify(calls.map(([name, ...given]) => model[name](...given))));
