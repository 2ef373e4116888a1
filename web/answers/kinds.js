// @ts-check
// What of an answer counts for a question: its words, its numbers, the side of a square, a direction, or what a kernel does.

import { Unreadable, readings } from "./reading.js";

/** @typedef {import("./reading.js").Numbers} Numbers */

/** All that an answer may mean, in the form of the verdicts on it.
 * @param {any} question what Python knows of it @param {string} text @returns {any[]} */
export function meanings(question, text) {
  if (question.kind === "choice") return [chosen(question, text)];
  const several = asksSeveral(question);
  const sides = several || question.kind === "side";
  const percent = /per ?cent|%/.test(question.task);
  const right = question.verdicts[0][0];
  const count = COUNTS[question.view ?? question.kind];
  const meaning = (/** @type {Numbers} */ numbers) => count(evened(numbers, right));
  const values = readings(text, { several, sides, percent }, meaning);
  if (question.kind !== "side" || !values.every(Array.isArray)) return values;
  // Sides that differ are none of a square: 2 x 8 may be a product.
  const products = readings(text, { several, sides: false, percent }, meaning);
  return [...products.filter((product) => product === right), ...values];
}

/** One list where one list is asked: of 10, (28, 28) the brackets say nothing.
 * @param {any} numbers @param {any} right @returns {any} */
function evened(numbers, right) {
  if (!Array.isArray(numbers) || !Array.isArray(right) || numbers.every(Number.isFinite)) return numbers;
  if (right.every(Array.isArray)) return numbers.map((row, i) => evened(row, right[i] ?? right[0]));
  return right.some(Array.isArray) || numbers.every(Array.isArray) ? numbers : numbers.flat(Infinity);
}

/** Whether several numbers are asked. @param {any} question */
export const asksSeveral = ({ kind, verdicts: [[right]] }) => kind === "behaviour" || Array.isArray(right);

/** Whether rows of numbers are asked, which need several lines. @param {any} question */
export const isTable = ({ kind, verdicts: [[right]] }) => kind === "behaviour" || Array.isArray([right].flat()[0]);

/** Whether a list and a number are asked. @param {any} question */
export const isMixed = ({ verdicts: [[right]] }) =>
  Array.isArray(right) && right.some(Array.isArray) && !right.every(Array.isArray);

/** What counts of numbers, by the kind of the question.
 * @type {Record<string, (numbers: Numbers) => any>} */
const COUNTS = { numbers: bare, side, direction, _what_it_answers: responses };

/** Without the axes of length 1, which don't matter. @param {any} value @returns {any} */
export function bare(value) {
  if (!Array.isArray(value)) return value;
  return value.length === 1 ? bare(value[0]) : value.map(bare);
}

/** The side of a square: 5 and (5, 5) say the same. @param {Numbers} numbers */
function side(numbers) {
  const value = bare(numbers);
  return value.length === 2 && value[0] === value[1] ? value[0] : value;
}

/** An angle in degrees. A bar turned by 180 degrees is the same bar. @param {Numbers} numbers */
function direction(numbers) {
  const angle = bare(numbers);
  if (angle % 15 !== 0) throw new Unreadable("Give a multiple of 15 degrees.");
  return ((angle % 180) + 180) % 180;
}

/** The chosen words, as buttons, boxes and menus write them; where any of several will do, those that are wrong, if there
 * are any. @param {any} question @param {string} text @returns {string | string[]} */
function chosen({ count, any_of, verdicts }, text) {
  const found = [...text.matchAll(/"([^"]*)"/g)].map(([, word]) => word);
  if (!any_of) return count > 1 ? found : found[0];
  const right = verdicts.flatMap((/** @type {any} */ [[word], outcome]) => (outcome === "right" ? word : []));
  const wrong = found.filter((word) => !right.includes(word));
  return wrong.length ? wrong : found[0];
}

const LARGEST = 32; // rows or columns of a kernel, which is tried at edges in images of 64 x 64

/** What a kernel answers on flat white, and at edges from dark to light: _what_it_answers of the lesson on filters.
 * @param {Numbers} numbers */
function responses(numbers) {
  const rows = kernel(numbers);
  const along = atEdge(rows.map(sum));
  const across = atEdge(rows[0].map((_, column) => sum(rows.map((row) => row[column]))));
  const steps = across.map((value, i) => Math.round((value - across[i - 1]) * 1e5)).filter(Boolean);
  return {
    "the response to flat white, which is the sum of the weights": sum(rows.flat()),
    "the response along a horizontal edge": along.reduce((most, each) =>
      Math.abs(each) > Math.abs(most) ? each : most,
    ),
    "the lowest response at a vertical edge": Math.min(...across),
    "the largest response at a vertical edge": Math.max(...across),
    "how often the response rises and falls at a vertical edge": steps.filter((step, i) => step > 0 && steps[i + 1] < 0)
      .length,
  };
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** The responses of weights that slide over an edge: at first all of them are in the dark, in the end all in the light.
 * @param {number[]} weights */
const atEdge = (weights) => [0, ...weights.map((_, i) => sum(weights.slice(-1 - i)))];

/** A kernel as its rows. @param {any} numbers @returns {number[][]} */
function kernel(numbers) {
  if (Array.isArray(numbers) && numbers.length === 1 && Array.isArray(numbers[0]?.[0])) return kernel(numbers[0]);
  if (typeof numbers === "number")
    throw new Unreadable("One number is no edge filter: give two weights or more, such as 1, 2.");
  const rows = numbers.some(Array.isArray) ? numbers : [numbers];
  const lengths = rows.map((/** @type {any} */ row) => (row.every?.(Number.isFinite) ? row.length : 0));
  if (!lengths.every(Boolean) || Math.max(rows.length, ...lengths) > LARGEST) throw new Unreadable();
  if (new Set(lengths).size > 1)
    throw new Unreadable("The rows have different lengths: give each as many numbers as the first.");
  return rows;
}
