// Keeps a diary as a page does: from [[day, name, is right, came back], ...] to what is due before each answer, and the entries.

import { readFileSync } from "node:fs";
import { Diary } from "../answers/diary.js";

let now = "";
globalThis.Date = class extends Date {
  constructor(...at) {
    super(...(at.length ? at : [`${now}T12:00:00`]));
  }
};
const diary = new Diary();
const due = [];
for (const [day, name, isRight, cameBack] of JSON.parse(readFileSync(0, "utf8"))) {
  now = day;
  due.push(diary.due());
  diary.note(name, isRight, cameBack);
}
console.log(JSON.stringify([due, diary.entries]));
