// @ts-check
// A value of Python as plain data, as lessonlib/checking/observing.py has it: an array with its shape, text, a Tuple of
// them, or an object that names them.

import { DOTS, Tuple } from "./reading.js";
import { isCollection, show } from "./comparing.js";

/** An answer that can't be judged, with a sentence; {form} stands for the form that is asked. */
export class Refused extends Error {}

/** Numbers and how they lie: [] for a single one, [rows, columns] for a table. */
export class Numbers {
  /** @param {number[]} shape @param {number[]} values row after row */
  constructor(shape, values) {
    this.shape = shape;
    this.values = values;
  }

  /** The numbers at a place of the first axis. @param {number} place */
  at(place) {
    const size = this.values.length / this.shape[0];
    return new Numbers(this.shape.slice(1), this.values.slice(place * size, (place + 1) * size));
  }
}

const DEEPEST = 8; // lists in lists

/** Whether there are still dots in the answer. @param {any} answer @returns {boolean} */
export function isOpen(answer, depth = DEEPEST) {
  const items = answer instanceof Map ? [...answer.values()] : answer;
  return answer === DOTS || (Array.isArray(items) && depth > 0 && items.some((each) => isOpen(each, depth - 1)));
}

/** A number, list or tuple of numbers: Numbers, or a Tuple of them where rows differ in length.
 * @param {any} answer @returns {any} */
export function numbers(answer, depth = DEEPEST) {
  if (Array.isArray(answer)) {
    if (!depth) throw new Refused("This is a list in a list, and so on without end: give {form}.");
    return ofList(Array.from(answer, (each) => numbers(each, depth - 1)));
  }
  if (typeof answer === "number") return new Numbers([], [answer]);
  if (typeof answer !== "bigint") throw new Refused(whatItIs(answer));
  if (!Number.isFinite(Number(answer)))
    throw new Refused(`${show(answer)}: that is too ${answer > 0n ? "large" : "small"}.`);
  return new Numbers([], [Number(answer)]);
}

/** @param {any[]} items */
function ofList(items) {
  const shapes = new Set(items.map((each) => (each instanceof Numbers ? String(each.shape) : "ragged")));
  if (shapes.has("ragged") || shapes.size > 1) return Tuple.from(items);
  const inner = items.length ? items[0].shape : [];
  return new Numbers(
    [items.length, ...inner],
    items.flatMap((each) => each.values),
  );
}

/** One text or several, in small letters without blanks and signs around them; null where there are none.
 * @param {any} answer @returns {string[] | null} */
export function words(answer) {
  const text = typeof answer === "bigint" || typeof answer === "number" ? show(answer) : answer;
  const several = typeof text === "string" ? [text] : isCollection(text) ? [...text] : null;
  return several?.every((each) => typeof each === "string") ? several.map(normal) : null;
}

/** A text as it is compared: small letters, one blank between words, no articles before others, no other signs.
 * @param {string} text */
export function normal(text) {
  const kept = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}%]/gu, " ")
    .replaceAll(" %", "%")
    .split(/\s+/)
    .filter(Boolean);
  const short = kept.filter((word) => !["a", "an", "the"].includes(word));
  return (short.length ? short : kept).join(" ");
}

/** A sentence on an answer that holds no numbers. @param {any} answer */
function whatItIs(answer) {
  if (typeof answer === "string") return "this is text: give {form}, without quotes.";
  if (typeof answer === "boolean") return `this is ${show(answer)}: give {form}.`;
  if (answer === null) return "this is None, as from a function without `return`: give {form}.";
  if (answer instanceof Map) return "a dictionary has names: give {form}.";
  if (answer instanceof Set) return "a set has no order: give {form}.";
  return "ellipsis can't be read as numbers: give {form}.";
}
