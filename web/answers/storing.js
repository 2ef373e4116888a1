// @ts-check
// The answers of a lesson in the browser's own storage: they leave it never, and a page without storage works as well.

import { RIGHT } from "./judging.js";

const COURSE = "convolution-course";

/** @typedef {{ version: string, written: string, symbol: string }} Kept */

export class Answers {
  /** @param {string} lesson @param {() => void} changed called when one is kept */
  constructor(lesson, changed = () => {}) {
    this.lesson = lesson;
    this.changed = changed;
  }

  /** @returns {{ total?: number, answers: Record<string, Kept> }} */
  get stored() {
    try {
      const stored = JSON.parse(localStorage.getItem(`${COURSE}/${this.lesson}`) ?? "null");
      return stored && typeof stored.answers === "object" ? stored : { answers: {} };
    } catch {
      return { answers: {} }; // no storage here, or another page wrote into it
    }
  }

  /** @param {object} stored */
  store(stored) {
    try {
      localStorage.setItem(`${COURSE}/${this.lesson}`, JSON.stringify(stored));
    } catch {
      // no storage here: the answers last as long as the page
    }
  }

  /** The kept answer to a question, unless the question has changed since.
   * @param {{ name: string, version: string }} question */
  of({ name, version }) {
    const kept = this.stored.answers[name];
    return kept?.version === version && typeof kept.written === "string" ? kept : undefined;
  }

  /** @param {{ name: string, version: string }} question @param {string} written @param {string} symbol */
  keep({ name, version }, written, symbol) {
    const { answers, ...rest } = this.stored;
    this.store({ ...rest, answers: { ...answers, [name]: { version, written, symbol } } });
    this.changed();
  }

  /** How many questions there are. @param {number} total */
  count(total) {
    this.store({ ...this.stored, total });
  }

  clear() {
    this.store({ ...this.stored, answers: {} });
  }

  /** Such as "3 of 11 answered", or "" where nothing is. */
  soFar() {
    const { answers, total } = this.stored;
    const right = Object.values(answers).filter(({ symbol }) => symbol === RIGHT).length;
    if (!right) return "";
    return total ? `${RIGHT} ${right} of ${total}` : `${RIGHT} ${right}`;
  }
}
