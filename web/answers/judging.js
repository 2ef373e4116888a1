// @ts-check
// What is said of an answer. Python has told it of all that can be foreseen: a question holds its verdicts, each a list of
// what is given, the outcome, the sentence and the name of the mistake. Of other numbers it is said how they differ.

import { asksSeveral, bare, isMixed, isTable, meanings } from "./kinds.js";
import { Unreadable, isOpen, tidy } from "./reading.js";

export { isTable };
export const [OPEN, WRONG, RIGHT, NOTE] = ["○", "✗", "✓", "→"];

const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"];
const [WHOLE, FRACTION] = [1e-3, 1e-5]; // how far a number may be off: a whole one absolute, another relative too, as in Python
const COUNT = 1e-5; // a single whole number is counted: 3.999 is not 4
const MOST_LETTERS = 60; // of an answer that is repeated

/**
 * @typedef {{ symbol: string, message: string, mistake: string | null }} Verdict
 */

/** What is said of an answer as it is written into a field.
 * @param {any} question what Python knows of it @param {string} written @returns {Verdict} */
export function judge(question, written) {
  const text = question.kind === "choice" ? written.trim() : tidy(written);
  if (isOpen(text)) return { symbol: OPEN, message: "Not answered yet.", mistake: null };
  try {
    return told(question, written, meanings(question, text));
  } catch (reason) {
    if (!(reason instanceof Unreadable)) throw reason;
    const message = reason.message || `\`${short(written)}\` can't be read: write ${example(question)}.`;
    return { symbol: NOTE, message, mistake: null };
  }
}

/** The first verdict that a meaning of the answer agrees with counts: an answer is right if it can be read so.
 * @param {any} question @param {string} written @param {any[]} values @returns {Verdict} */
function told(question, written, values) {
  const { verdicts, tolerance, view } = question;
  const right = bare(verdicts[0][0]);
  const agreeing = (/** @type {any} */ gives) => values.find((value) => isThis(value, bare(gives), tolerance));
  const known = verdicts.find((/** @type {any[]} */ [gives]) => agreeing(gives) !== undefined);
  const value = known ? agreeing(known[0]) : likely(values, right);
  const [, outcome, says, mistake] = known ?? [value, "wrong", unforeseen(question, value, right), null];
  if (outcome === "right") return { symbol: RIGHT, message: says, mistake };
  const hint = mistake || view ? "" : " **Hint** helps.";
  const message = `Not yet. ${says.replace("{yours}", () => echo(question, written, value))}${hint}`;
  return { symbol: WRONG, message, mistake };
}

/** What is meant where nothing is known of it: what has the form of the right answer, and of numbers the one near it, or
 * if none is, the largest: in 400,000 the comma stands between thousands.
 * @param {any[]} values @param {any} right */
function likely(values, right) {
  const alike = values.filter((value) => agrees(value, right, Infinity));
  if (typeof right !== "number") return alike[0] ?? values[0];
  const sorted = alike.sort((one, other) => Math.abs(other) - Math.abs(one));
  return sorted.find((value) => Math.abs(Math.log2(value / right)) <= 1) ?? sorted[0] ?? values[0];
}

/** Whether an answer is what a verdict is on. @param {any} got @param {any} gives @param {number | null} tolerance */
const isThis = (got, gives, tolerance) =>
  agrees(got, gives, tolerance) && (typeof gives !== "number" || isClose(got, gives, tolerance, COUNT));

/** Whether an answer is as near to what a verdict is on as counts: numbers, lists, or names with numbers.
 * @param {any} got @param {any} gives @param {number | null} [tolerance] @returns {boolean} */
function agrees(got, gives, tolerance) {
  if (typeof gives === "string") return got === gives;
  if (typeof gives === "number") return typeof got === "number" && isClose(got, gives, tolerance);
  if (typeof got !== "object" || got.length !== gives.length) return false;
  return Object.keys(gives).every((name) => agrees(got[name], gives[name], tolerance));
}

/** @param {number} got @param {number} right @param {number | null} [tolerance] @param {number} [whole] */
function isClose(got, right, tolerance, whole = WHOLE) {
  const far = tolerance ?? (right % 1 === 0 ? 0 : FRACTION);
  return Math.abs(got - right) <= (far ? far * (1 + Math.abs(right)) : whole);
}

/** How an answer that no verdict is on differs from the right one.
 * @param {any} question @param {any} got @param {any} right */
function unforeseen({ kind, tolerance }, got, right) {
  const differs = (/** @type {string} */ name) => !agrees(got[name], right[name], tolerance);
  if (kind === "direction") return "{yours}: that is another angle.";
  if (typeof right === "number" && typeof got === "number")
    return `{yours}: that is too ${got > right ? "large" : "small"}.`;
  if (typeof right === "number" || Array.isArray(right)) return `{yours}: ${ofNumbers(got, right, tolerance)}`;
  const name = Object.keys(right).find(differs) ?? "";
  return `${name[0].toUpperCase()}${name.slice(1)}: ${show(got[name])}, but it should be ${show(right[name])}.`;
}

/** @param {any} got @param {any} right @param {number | null} tolerance */
function ofNumbers(got, right, tolerance) {
  const [ours, theirs] = [shapeOf(got), shapeOf(right)];
  if (!theirs) return ofItems(got, right, tolerance);
  if (!ours) return "its rows have different lengths.";
  if (String(ours) !== String(theirs)) return ofShapes(ours, theirs);
  const [values, others] = [leaves(got), leaves(right)];
  const wrong = values.filter(({ value }, i) => !agrees(value, others[i].value, tolerance));
  const [{ place, value }] = wrong;
  const where = place.length === 2 ? `in row ${place[0]}, column ${place[1]}` : `at position ${place.join(", ")}`;
  const are = wrong.length === 1 ? "is" : "are";
  return `${wrong.length} of ${values.length} values ${are} wrong; the first is ${where}: yours is ${show(value)}.`;
}

/** Of items that are no rows of one length. @param {any} got @param {any[]} right @param {number | null} tolerance */
function ofItems(got, right, tolerance) {
  if (got.length === right.flat(Infinity).length)
    throw new Unreadable("Put the numbers that belong together into brackets: (1, 2, 3), 4.");
  if (got.length !== right.length) return `it should be ${right.length} values.`;
  const wrong = [...right.keys()].filter((place) => !agrees(got[place], right[place], tolerance));
  const named = wrong.map((place) => `the ${ORDINALS[place]}`);
  return `${named.join(" and ")} value ${wrong.length === 1 ? "is" : "are"} wrong.`;
}

/** @param {number[]} ours @param {number[]} theirs */
function ofShapes(ours, theirs) {
  const wanted = theirs.length ? `${theirs[0]} numbers` : "one number";
  const given = ours.reduce((count, side) => count * side, 1);
  if (theirs.length < (ours.length < 2 ? 2 : 1)) return `it should be ${wanted}, not ${given}.`;
  const [got, right] = [ours, theirs].map((sides) => `(${sides.join(", ")}${sides.length === 1 ? "," : ""})`);
  return `${ours.length ? `its shape is ${got}, but it` : "it is one number, but its shape"} should be ${right}.`;
}

/** How many rows, columns and so on; null where rows differ in length. @param {any} value @returns {number[] | null} */
function shapeOf(value) {
  if (!Array.isArray(value)) return [];
  const [first, ...others] = value.map(shapeOf);
  return first && others.every((each) => String(each) === String(first)) ? [value.length, ...first] : null;
}

/** Each number of a list, and its place. @param {any} value @param {number[]} place
 * @returns {{ value: number, place: number[] }[]} */
const leaves = (value, place = []) =>
  Array.isArray(value) ? value.flatMap((each, i) => leaves(each, [...place, i])) : [{ value, place }];

/** A number with commas between thousands, or six digits of a fraction. @param {number} value */
const show = (value) => (value % 1 === 0 ? value.toLocaleString("en") : String(Number(value.toPrecision(6))));

/** An answer as it was written; and how it is read, where that is another number than its digits.
 * @param {any} question @param {string} written @param {any} value */
function echo({ kind }, written, value) {
  if (kind === "choice") return `"${[value].flat().join('", "')}"`;
  const isRead =
    typeof value === "number" && kind === "numbers" && tidy(written).replace(/[, ]/g, "") !== String(value);
  return short(written) + (isRead ? ` = ${show(value)}` : "");
}

/** On one line. @param {string} written */
function short(written) {
  const lines = written.split("\n").map((line) => line.trim().replace(/;$/, ""));
  const line = lines.filter(Boolean).join("; ");
  return line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}...` : line;
}

/** What can be written, in the form that is asked. @param {any} question */
function example(question) {
  if (isMixed(question)) return "numbers, and brackets around those that belong together, such as (1, 2, 3), 4";
  if (isTable(question)) return "rows of numbers, such as [[1, 2], [3, 4]]";
  return asksSeveral(question)
    ? "numbers with commas between them, such as 1, 2, 3"
    : "a number, such as 12, 0.5 or 3 * 4";
}
