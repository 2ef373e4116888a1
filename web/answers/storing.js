// @ts-check
// What this browser keeps of a lesson: answers, what is typed and not checked, and which results are open. It never
// leaves the browser; where nothing can be kept, it lasts as long as the page.

import { RIGHT, WRONG } from "./judging.js";

const COURSE = "convolution-course";

/** What could not be kept: storage is blocked or full. @type {Record<string, string>} */
const unkept = {};

/** @param {string} name @returns {any} */
export function recall(name) {
  try {
    return JSON.parse(unkept[name] ?? localStorage.getItem(`${COURSE}/${name}`) ?? "null");
  } catch {
    return null; // no storage here, or another page wrote into it
  }
}

/** @param {string} name @param {any} value */
export function remember(name, value) {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(`${COURSE}/${name}`, text);
  } catch {
    unkept[name] = text;
  }
}

/** Whether an answer of this kind counts: neither an empty field nor what could not be read does.
 * @param {string | undefined} symbol */
export const isAnswered = (symbol) => symbol === RIGHT || symbol === WRONG;

/** @typedef {{ version: string, written: string, symbol: string, mistake: string | null }} Kept */

export class Answers {
  /** @param {string} lesson @param {() => void} changed called when one is kept */
  constructor(lesson, changed = () => {}) {
    this.lesson = lesson;
    this.changed = changed;
  }

  /** @returns {{ total?: number, answers: Record<string, Kept>, opened: Record<string, true>, drafts: Record<string, string> }} */
  get stored() {
    const { total, answers, opened, drafts } = recall(this.lesson) ?? {};
    return { total, answers: { ...answers }, opened: { ...opened }, drafts: { ...drafts } };
  }

  /** @param {"answers" | "opened" | "drafts"} kind @param {string} name of a question @param {any} value undefined for nothing */
  put(kind, name, value) {
    const { stored } = this;
    remember(this.lesson, { ...stored, [kind]: { ...stored[kind], [name]: value } });
  }

  get areKept() {
    return !(this.lesson in unkept);
  }

  /** The kept answer to a question, unless the question has changed since.
   * @param {{ name: string, version: string }} question */
  of({ name, version }) {
    const kept = this.stored.answers[name];
    return kept?.version === version && typeof kept.written === "string" ? kept : undefined;
  }

  /** A right answer stays, whatever is tried later.
   * @param {{ name: string, version: string }} question @param {string} written
   * @param {{ symbol: string, mistake: string | null }} verdict */
  keep({ name, version }, written, { symbol, mistake }) {
    if (this.of({ name, version })?.symbol !== RIGHT) this.put("answers", name, { version, written, symbol, mistake });
    this.put("drafts", name, undefined);
    this.changed();
  }

  /** How many questions there are. @param {number} total */
  count(total) {
    remember(this.lesson, { ...this.stored, total });
  }

  clear() {
    remember(this.lesson, {});
  }

  /** All that was answered, and no name, in one line that coursetools.classroom reads; its last number is a check sum. */
  asLine() {
    const answers = Object.entries(this.stored.answers).map(([name, { symbol, mistake, version }]) => [
      name,
      [symbol === RIGHT ? "right" : "wrong", mistake ?? null, version],
    ]);
    const packed = btoa(JSON.stringify({ lesson: this.lesson, answers: Object.fromEntries(answers) }));
    const sum = [...packed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1000003, 7);
    return `answers:${packed}:${sum}`;
  }

  /** Such as "3 of 11 answered, 2 right", or "" where nothing is. */
  soFar() {
    const { answers, total } = this.stored;
    const symbols = Object.values(answers).map((kept) => kept?.symbol);
    const answered = symbols.filter(isAnswered).length;
    const right = symbols.filter((symbol) => symbol === RIGHT).length;
    return answered ? `${answered}${total ? ` of ${total}` : ""} answered, ${right} right` : "";
  }
}
