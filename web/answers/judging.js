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
    const message = reason.message || `\`${short(written)}\` can't be read: ${remedy(question, text)}.`;
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
  if (!known && isTable(question) && Array.isArray(value) && value.every(Number.isFinite) && /[*·]/.test(written))
    throw new Unreadable("Write commas between the numbers of a row, such as [1, 2], [3, 4]: a star multiplies them.");
  const [, outcome, says, mistake] = known ?? [value, "wrong", unforeseen(question, value, right), null];
  if (outcome === "right") return { symbol: RIGHT, message: says, mistake };
  const sentence = says.replace("{yours}", () => echo(question, written, value));
  if (outcome === "note") return { symbol: NOTE, message: sentence, mistake };
  const hint = mistake || view ? "" : " **Hint** helps.";
  const message = `Not yet. ${sentence}${hint}`;
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
  if (typeof gives === "string") return [got].flat()[0] === gives;
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
  if (typeof right === "number" && typeof got === "number") {
    const isPart = right % 1 === 0 && got % 1 !== 0;
    return `{yours}: that is too ${got > right ? "large" : "small"}${isPart ? "; the answer is a whole number" : ""}.`;
  }
  if (typeof right === "number" || Array.isArray(right)) return `{yours}: ${ofNumbers(got, right, tolerance)}`;
  const name = Object.keys(right).find(differs) ?? "";
  return `${name[0].toUpperCase()}${name.slice(1)}: ${show(got[name])}, but it should be ${show(right[name])}.`;
}

/** @param {any} got @param {any} right @param {number | null} tolerance */
function ofNumbers(got, right, tolerance) {
  const [ours, theirs] = [shapeOf(got), shapeOf(right)];
  if (!theirs) return ofItems(got, right, tolerance);
  if (!ours && got.filter(Number.isFinite).length > 1)
    throw new Unreadable("Which numbers are a row? Put each row into a line or brackets, such as [1, 2], [3, 4].");
  if (!ours) return "its rows have different lengths.";
  if (String(ours) !== String(theirs)) return `it should be ${inRows(theirs)}, not ${inRows(ours)}.`;
  const [values, others] = [got, right].map((each) => each.flat(Infinity));
  const wrong = [...values.keys()].filter((i) => !agrees(values[i], others[i], tolerance));
  const first = wrong[0];
  const [row, column] = [Math.floor(first / ours[1]), first % ours[1]].map((at) => ORDINALS[at]);
  const where = column ? `in the ${row} row, ${column} column` : `the ${ORDINALS[first]} number`;
  const are = `${wrong.length} of ${values.length} values ${wrong.length === 1 ? "is" : "are"} wrong`;
  return `${are}; the first wrong one is ${where}: yours is ${show(values[first])}.`;
}

/** Of items that are no rows of one length. @param {any} got @param {any[]} right @param {number | null} tolerance */
function ofItems(got, right, tolerance) {
  if (got.length === right.flat(Infinity).length)
    throw new Unreadable("Put the numbers that belong together into brackets, such as (1, 2, 3), 4.");
  if (got.length !== right.length) return `it should be ${right.length} values.`;
  const wrong = [...right.keys()].filter((place) => !agrees(got[place], right[place], tolerance));
  const named = wrong.map((place) => `the ${ORDINALS[place]}`);
  return `${named.join(" and ")} value ${wrong.length === 1 ? "is" : "are"} wrong.`;
}

/** A shape in words. @param {number[]} shape */
const inRows = (shape) => (shape.length ? `${shape.join(" rows of ")} numbers` : "one number");

/** How many rows, columns and so on; null where rows differ in length. @param {any} value @returns {number[] | null} */
function shapeOf(value) {
  if (!Array.isArray(value)) return [];
  const [first, ...others] = value.map(shapeOf);
  return first && others.every((each) => String(each) === String(first)) ? [value.length, ...first] : null;
}

/** A number with commas between thousands, or six digits of a fraction. @param {number} value */
const show = (value) => (value % 1 === 0 ? value.toLocaleString("en") : String(Number(value.toPrecision(6))));

/** An answer as it was written; and how it is read, where that is another number than its digits.
 * @param {any} question @param {string} written @param {any} value */
function echo({ kind }, written, value) {
  if (kind === "choice") return `"${[value].flat().join('", "')}"`;
  const isRead =
    typeof value === "number" && kind === "numbers" && tidy(written).replace(/^.*=|[, ]/gs, "") !== String(value);
  return short(written) + (isRead ? ` = ${show(value)}` : "");
}

/** On one line. @param {string} written */
function short(written) {
  const lines = written.split("\n").map((line) => line.trim().replace(/;$/, ""));
  const line = lines.filter(Boolean).join("; ");
  return line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}...` : line;
}

/** What to write in place of what can't be read. @param {any} question @param {string} text */
function remedy(question, text) {
  if (/\d ?(?:[km]|mio|mln|mil+i\p{L}+|tsd|thousand|hundred)\b/iu.test(text))
    return "write all digits of a number, such as 3,700,000 for 3.7 million";
  const isOdd = text.split(/[([]/).length !== text.split(/[)\]]/).length;
  const alone = /\p{L}{2}|\p{Lo}/u.test(text) ? "digits and no words: " : "";
  return `${isOdd ? "one bracket is missing or too many. Write" : "write"} ${alone}${example(question)}`;
}

/** What can be written, in the form that is asked. @param {any} question */
function example(question) {
  if (isMixed(question)) return "numbers, and brackets around those that belong together, such as (1, 2, 3), 4";
  if (isTable(question)) return "a line for each row, with commas between its numbers, such as 1, 2 and below it 3, 4";
  if (asksSeveral(question)) return "numbers with commas between them, such as 1, 2, 3";
  return "a number, such as 12, 0.5 or 3 * 4";
}
