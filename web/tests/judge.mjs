// Judges answers as a page does: from [[question, written], ...] as JSON to [[symbol, message, mistake], ...].

import { readFileSync } from "node:fs";
import { judge } from "../answers/judging.js";

const asked = JSON.parse(readFileSync(0, "utf8"));
const verdicts = asked.map(([question, written]) => judge(question, written));
console.log(JSON.stringify(verdicts.map(({ symbol, message, mistake }) => [symbol, message, mistake])));
