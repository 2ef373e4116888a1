// @ts-check
// What comes back when: the rules of lessonlib/checking/practice.py, and the same file.

import { recall, remember } from "./storing.js";

const DAYS = [1, 3, 7]; // after a right answer; after the last of these a question rests
const MOST = 10; // questions a day
export const DRAWS = 20; // other numbers of a question, one after the other

/** @typedef {{ due: string, step: number, wrong: boolean, asked: number, last: string }} Entry */

export class Diary {
  /** @returns {Record<string, Entry>} */
  get entries() {
    return recall("practice") ?? {};
  }

  /** A day as 2026-11-30. @param {number} ahead */
  day(ahead = 0) {
    const date = new Date();
    date.setDate(date.getDate() + ahead);
    return date.toLocaleDateString("sv");
  }

  /** Names of what is to be asked today: first what was wrong, then what has waited, lessons mixed. */
  due() {
    const now = this.day();
    const mixed = (/** @type {string} */ name) =>
      [...(now + name)].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
    const due = this.waiting();
    due.sort(
      ([one, a], [other, b]) =>
        Number(b.wrong) - Number(a.wrong) || a.due.localeCompare(b.due) || mixed(one) - mixed(other),
    );
    const asked = Object.values(this.entries).filter(({ last }) => last === now).length;
    return due.slice(0, Math.max(0, MOST - asked)).map(([name]) => name);
  }

  /** All that is due. @returns {[string, Entry][]} */
  waiting() {
    const now = this.day();
    return Object.entries(this.entries).filter(([, { due }]) => due && due <= now);
  }

  /** Of the numbers with which a question comes back. @param {string} name */
  seed(name) {
    return ((this.entries[name]?.asked ?? 0) % DRAWS) + 1;
  }

  /** An answer to a question of a lesson, or to one with other numbers, of which the first counts when it is due.
   * @param {string} name @param {boolean} isRight @param {boolean} cameBack */
  note(name, isRight, cameBack) {
    const [entries, now] = [this.entries, this.day()];
    const isDue = entries[name]?.due && entries[name].due <= now;
    if (cameBack && name in entries && !isDue) return;
    const entry = (entries[name] ??= { due: this.day(DAYS[0]), step: 0, wrong: false, asked: 0, last: "" });
    if (cameBack) Object.assign(entry, { asked: entry.asked + 1, last: now });
    if (!isRight) Object.assign(entry, { due: this.day(DAYS[0]), step: 0, wrong: true });
    else if (cameBack && isDue) {
      const step = entry.step + 1;
      Object.assign(entry, { step, wrong: false, due: step < DAYS.length ? this.day(DAYS[step]) : "" });
    }
    remember("practice", entries);
  }
}
