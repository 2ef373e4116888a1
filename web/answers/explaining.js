// @ts-check
// From what was observed of an answer to what is said of it, as lessonlib/checking/explaining.py: the same words.

import { DOTS, Tuple, Unreadable, read } from "./reading.js";
import { form, phrase, same, show } from "./comparing.js";
import { kindOf } from "./kinds.js";
import { Numbers, Refused, isOpen, numbers } from "./observing.js";

export const [OPEN, WRONG, RIGHT, NOTE] = ["○", "✗", "✓", "→"];

/**
 * @typedef {{ symbol: string, message: string, mistake: string | null }} Verdict
 */

/** What is said of an answer as it is written into a field.
 * @param {any} question what Exercise.to_dict() holds @param {string} written @returns {Verdict} */
export function judge(question, written) {
  try {
    return explain(observed(question, written), question);
  } catch (reason) {
    if (reason instanceof Unreadable) return { symbol: NOTE, message: reason.message, mistake: null };
    if (!(reason instanceof Refused)) throw reason;
    const message = capital(reason.message.replace("{form}", form(plain(question, question.right))));
    return { symbol: WRONG, message, mistake: null };
  }
}

/** @param {any} question @param {string} written */
function observed(question, written) {
  const value = valueOf(question, written);
  return isOpen(value) ? DOTS : kindOf(question).observe(value);
}

/** Words need no quotes where words are asked. @param {any} question @param {string} written */
function valueOf(question, written) {
  const right = [question.right].flat(3);
  const asksNumber = ["numbers", "direction"].includes(question.kind) && right.length === 1;
  const asksPercent = asksNumber && Math.abs(right[0]) > 1;
  try {
    const asksRows = isTable(question);
    const example = exampleFor(question, right.length);
    const asksShape = question.kind === "numbers" && right.length > 1;
    const asksSide = question.kind === "side";
    return read(written, { asksNumber, asksPercent, asksRows, asksSide, asksShape, example });
  } catch (reason) {
    if (question.kind !== "choice") throw reason;
    return written.trim();
  }
}

/** Whether rows of numbers are asked. @param {any} question */
export const isTable = ({ kind, right }) => kind === "behaviour" || Array.isArray([right].flat()[0]);

/** What can be written, in the form that is asked. @param {any} question @param {number} count of numbers */
function exampleFor(question, count) {
  if (isTable(question)) return "rows such as [[1, 2], [3, 4]]";
  return count > 1 ? "numbers such as (1, 2, 3)" : "a number such as 12, 0.5 or 3 * 4";
}

/** What JSON holds, as it was observed. @param {any} question @param {any} value @returns {any} */
function plain(question, value) {
  if (question.kind === "choice") return Array.isArray(value) ? Tuple.from(value) : value;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return numbers(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(question, each)]));
}

/** @param {any} result plain data, or DOTS where it is open @param {any} question @returns {Verdict} */
function explain(result, question) {
  if (result === DOTS) return { symbol: OPEN, message: `Not answered yet. ${question.task}`, mistake: null };
  const kind = kindOf(question);
  const right = plain(question, question.right);
  if (!kind.difference(result, right)) return { symbol: RIGHT, message: question.fact, mistake: null };
  const shown = isDictionary(result) ? "" : show(result);
  const came = shown && [...shown].length <= 60 ? `${shown}: ` : "";
  const known = question.mistakes.find((/** @type {any} */ each) => kind.agrees(result, plain(question, each.gives)));
  const why = known ? known.because : unforeseen(question, kind, result, right);
  return { symbol: WRONG, message: capital(came + why), mistake: known?.name ?? null };
}

/** @param {any} value */
const isDictionary = (value) => value?.constructor === Object;

/** What can be said of a wrong answer that no mistake of the exercise explains.
 * @param {any} question @param {import("./kinds.js").Kind} kind @param {any} result @param {any} right */
function unforeseen(question, kind, result, right) {
  const why = phrase(kind.difference(result, right));
  if (isDictionary(right)) return why;
  const slips = right instanceof Numbers && result instanceof Numbers ? usual(right) : [];
  const slip = slips.find(([, other]) => same(result, other) && !same(other, right));
  return `${slip?.[0] ?? why} \`${question.call}.hint()\` helps.`;
}

/** Slips that can happen in every exercise: a sentence, and what they make of the right answer.
 * @param {Numbers} right @returns {[string, Numbers][]} */
function usual(right) {
  const { shape, values } = right;
  const each = (/** @type {(value: number) => number} */ change) => new Numbers(shape, values.map(change));
  const sizes = values.map(Math.abs);
  /** @type {[string, Numbers][]} */
  const slips = [
    ["the sign is the other way round.", each((value) => -value)],
    ["the sign is lost.", each(Math.abs)],
  ];
  const cut = "the fraction is cut off. An array of whole numbers holds no fractions.";
  if (sizes.some((size) => size >= 1)) slips.push([cut, each(Math.trunc)]);
  if (sizes.some((size) => size > 1) && sizes.every((size) => size <= 100))
    slips.push(["this is a share, and per cent are asked.", each((value) => value / 100)]);
  if (sizes.every((size) => size <= 1) && sizes.some((size) => size > 0))
    slips.push(["these are per cent, and a share is asked.", each((value) => value * 100)]);
  slips.push(["the numbers are right, but in reverse order.", new Numbers(shape, [...values].reverse())]);
  if (shape.length > 1) {
    const inRows = `the numbers are right, but not in rows: the shape should be (${shape.join(", ")}).`;
    slips.push(["rows and columns are swapped.", swapped(right)], [inRows, new Numbers([values.length], values)]);
  }
  return slips;
}

/** The last two axes swapped. @param {Numbers} array */
function swapped({ shape, values }) {
  const [rows, columns] = shape.slice(-2);
  const size = rows * columns;
  const from = (/** @type {number} */ i) =>
    Math.floor(i / size) * size + (i % rows) * columns + Math.floor((i % size) / rows);
  return new Numbers(
    [...shape.slice(0, -2), columns, rows],
    values.map((_, i) => values[from(i)]),
  );
}

/** A capital letter, unless the sentence begins with a name of the code. @param {string} sentence */
function capital(sentence) {
  const isName = sentence.split(" ")[0].includes("_") || sentence.startsWith("nn.");
  return isName ? sentence : sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}
