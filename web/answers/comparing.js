// @ts-check
// Two answers compared, both plain data: how do they differ, and how is that said? As lessonlib/checking/comparing.py.

import { DOTS, Tuple } from "./reading.js";
import { Numbers } from "./observing.js";

const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"];
const [WHOLE, FRACTION] = [1e-3, 1e-5]; // how far a number may be off: of whole ones absolute, of others relative too

/**
 * Where an answer first differs.
 * @typedef {object} Difference
 * @property {string} kind form, length, shape, text, value, item or name
 * @property {any} got
 * @property {any} right
 * @property {any[]} place
 * @property {number} wrong how many values are
 * @property {number} of how many values there are
 */

/** @param {string} kind @param {any} got @param {any} right @param {any[]} place @returns {Difference} */
const differs = (kind, got, right, place = [], wrong = 1, of = 1) => ({ kind, got, right, place, wrong, of });

/** The first Difference of an answer from the right one, or null.
 * @param {any} got @param {any} right @param {number | null} tolerance @returns {Difference | null} */
export function difference(got, right, tolerance = null) {
  if (right instanceof Tuple) return ofItems(got, right, tolerance);
  if (typeof right === "string") return got === right ? null : differs("text", got, right);
  if (!(right instanceof Numbers)) return ofNames(got, right, tolerance);
  return got instanceof Numbers ? ofNumbers(got, right, tolerance) : differs("form", got, right);
}

/** @param {any} got @param {any} right */
export const same = (got, right) => difference(got, right) === null;

/** @param {any} got @param {Record<string, any>} right @param {number | null} tolerance */
function ofNames(got, right, tolerance) {
  if (!got || got instanceof Tuple || got instanceof Numbers || typeof got !== "object")
    return differs("form", got, right);
  const name = Object.keys(right).find((each) => !(each in got) || difference(got[each], right[each], tolerance));
  return name === undefined ? null : differs("name", got[name] ?? null, right[name], [name]);
}

/** @param {any} got @param {Tuple} right @param {number | null} tolerance */
function ofItems(got, right, tolerance) {
  const isArray = got instanceof Numbers && got.shape.length;
  const items = isArray ? Tuple.from({ length: got.shape[0] }, (_, place) => got.at(place)) : got;
  if (!(items instanceof Tuple) || items.length !== right.length)
    return differs("length", got, right, [], 1, right.length);
  const found = Array.from(right, (value, place) => difference(items[place], value, tolerance));
  const wrong = [...found.keys()].filter((place) => found[place]);
  const [first] = found.filter((each) => each !== null);
  return first ? differs("item", first.got, first.right, wrong, wrong.length, right.length) : null;
}

/** @param {Numbers} got @param {Numbers} right @param {number | null} tolerance */
function ofNumbers(got, right, tolerance) {
  const sides = [got, right].map(({ shape }) => String(shape.filter((side) => side !== 1)));
  if (sides[0] !== sides[1]) return differs("shape", sidesOf(got), sidesOf(right), [], 1, right.values.length);
  const isWhole = right.values.every((value) => value % 1 === 0);
  const absolute = tolerance ?? (isWhole ? WHOLE : FRACTION);
  const relative = tolerance ?? (isWhole ? 0 : FRACTION);
  const isWrong = right.values.map((value, i) => !isClose(got.values[i], value, absolute, relative));
  const first = isWrong.indexOf(true);
  if (first < 0) return null;
  const wrong = isWrong.filter(Boolean).length;
  return differs("value", got.values[first], right.values[first], placeOf(first, right.shape), wrong, isWrong.length);
}

/** A shape as Python has it. @param {Numbers} array */
const sidesOf = ({ shape }) => Tuple.from(shape, BigInt);

/** @param {number} got @param {number} right @param {number} absolute @param {number} relative */
const isClose = (got, right, absolute, relative) =>
  got === right || (Number.isFinite(got) && Math.abs(got - right) <= absolute + relative * Math.abs(right));

/** @param {number} index @param {number[]} shape */
function placeOf(index, shape) {
  const place = [];
  for (const side of [...shape].reverse()) {
    place.unshift(index % side);
    index = Math.floor(index / side);
  }
  return place;
}

/** One sentence on a Difference. @param {Difference} found @returns {string} */
export function phrase(found) {
  const [got, right] = [show(found.got), show(found.right)];
  if (found.kind === "name") {
    const inner = got === right ? difference(found.got, found.right) : null;
    return inner ? `${found.place[0]}: ${phrase(inner)}` : `${found.place[0]}: ${got}, but it should be ${right}.`;
  }
  if (found.kind === "length") return `it should be a tuple of ${found.of} values.`;
  if (found.kind === "form")
    return found.got instanceof Tuple ? "its rows have different lengths." : `it should be ${form(found.right)}.`;
  if (found.kind === "item") {
    const named = found.place.map((place) => (ORDINALS[place] ? `the ${ORDINALS[place]}` : `number ${place + 1}`));
    return `${named.join(" and ")} value ${found.wrong === 1 ? "is" : "are"} wrong.`;
  }
  if (found.kind === "shape" && found.right.length < 2 && found.got.length === 1)
    return `it should be ${found.right.length ? `${found.right[0]} numbers` : "one number"}, not ${found.got[0]}.`;
  if (found.kind === "shape") return `its shape is ${tuple(found.got)}, but it should be ${tuple(found.right)}.`;
  if (found.kind === "text") return "that is not it.";
  if (found.of > 1) {
    const place = found.place.length === 1 ? `position ${found.place[0]}` : `(${found.place.join(", ")})`;
    const are = found.wrong === 1 ? "is" : "are";
    return `${found.wrong} of ${found.of} values ${are} wrong; the first is at ${place}: ${got}.`;
  }
  if (found.got > found.right) return "that is too large.";
  return found.got < found.right ? "that is too small." : "that is no number.";
}

/** How the right answer is written, in words. @param {any} right */
export function form(right) {
  if (typeof right === "string") return "text, in quotes";
  if (right instanceof Tuple) return `a tuple of ${right.length} values`;
  if (!(right instanceof Numbers)) return `a dictionary with ${Object.keys(right).map(show).join(", ")}`;
  if (!right.shape.length) return "a number";
  return right.shape.length === 1 ? `${right.shape[0]} numbers in one tuple` : "a list of rows";
}

const MOST_SHOWN = 16; // numbers of an array
const EXACT = 1e15; // below it a float tells every whole number

/** A value as a report prints it: commas in whole numbers, large arrays by their shape.
 * @param {any} value @returns {string} */
export function show(value) {
  if (value instanceof Numbers) return showNumbers(value);
  if (typeof value === "string") {
    const length = [...value].length;
    return length <= 60 ? `"${value}"` : `a text of ${grouped(BigInt(length))} characters`;
  }
  if (value instanceof Tuple && value.length === 1 && typeof value[0] === "string") return show(value[0]);
  if (value instanceof Tuple && holdsNumbers(value)) {
    const text = `(${value.map(show).join(", ")})`;
    return text.length <= 80 ? text : `a tuple of length ${grouped(BigInt(value.length))}`;
  }
  if (typeof value === "boolean" || value === null || Array.isArray(value) || value instanceof Map)
    return written(value);
  if (typeof value === "bigint") return showInteger(value);
  if (typeof value !== "number") return `an object of type ${value === DOTS ? "ellipsis" : "set"}`;
  return Math.abs(value) < EXACT && value % 1 === 0 ? grouped(BigInt(value)) : sixDigits(value);
}

/** @param {any} value @returns {boolean} */
const holdsNumbers = (value) => value instanceof Numbers || (value instanceof Tuple && value.some(holdsNumbers));

/** @param {Numbers} array */
function showNumbers(array) {
  const { shape, values } = array;
  if (values.length > MOST_SHOWN) return `an array of shape ${tuple(sidesOf(array))}`;
  const isWhole = values.every((value) => Math.abs(value) < EXACT && value % 1 === 0);
  const items = values.map((value) => (isWhole ? BigInt(value) : value));
  if (shape.length === 1) return written(Tuple.from(items));
  return shape.length ? written(nested(items, shape)) : show(items[0]);
}

/** @param {any[]} items @param {number[]} shape @returns {any} */
function nested(items, [rows, ...inner]) {
  if (!inner.length) return items;
  const size = items.length / (rows || 1);
  return Array.from({ length: rows }, (_, row) => nested(items.slice(row * size, (row + 1) * size), inner));
}

/** A list, tuple or dictionary as Python writes it, if that is short. @param {any} value */
function written(value) {
  const length = value === null || typeof value === "boolean" ? 0 : (value.size ?? value.length);
  const text = length <= 40 ? asPython(value) : "";
  const kind = value instanceof Map ? "dict" : value instanceof Tuple ? "tuple" : "list";
  return text && [...text].length <= 80 ? text : `a ${kind} of length ${grouped(BigInt(length))}`;
}

/** @param {any} value @returns {string} */
function asPython(value) {
  if (value === null) return "None";
  if (value === DOTS) return "Ellipsis";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return shortest(value);
  if (typeof value === "string") return quoted(value);
  if (value instanceof Tuple) return tuple(value);
  if (Array.isArray(value)) return `[${value.map(asPython).join(", ")}]`;
  if (value instanceof Set) return `{${[...value].map(asPython).join(", ")}}`;
  return `{${[...value].map(([name, each]) => `${asPython(name)}: ${asPython(each)}`).join(", ")}}`;
}

/** @param {any[]} values */
const tuple = (values) => `(${Array.from(values, asPython).join(", ")}${values.length === 1 ? "," : ""})`;

/** @param {string} text */
function quoted(text) {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return mark + (mark === "'" ? inside.replaceAll("'", "\\'") : inside) + mark;
}

/** The digits of a whole number in threes. @param {bigint} value */
const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** @param {bigint} value */
function showInteger(value) {
  const size = value < 0n ? -value : value;
  const bits = size.toString(2).length;
  if (bits > 4000) return `a number of ${grouped(BigInt(Math.floor(bits * 0.30103)))} digits`;
  if (size < BigInt(EXACT)) return grouped(value);
  const exact = rounded(size, 28); // as Python's Decimal keeps it
  const written = String(exact).replace(/0+$/, "");
  const six = written.length <= 6 ? exact : rounded(size, 6);
  const digits = written.length <= 6 ? written : String(six).slice(0, 6);
  const point = digits.length > 1 ? "." : "";
  return `${value < 0n ? "-" : ""}${digits[0]}${point}${digits.slice(1)}e+${String(six).length - 1}`;
}

/** A whole number with so many digits and zeros after them; of two that are equally near, the even one.
 * @param {bigint} value @param {number} digits */
function rounded(value, digits) {
  const unit = 10n ** BigInt(Math.max(String(value).length - digits, 0));
  const [down, left] = [value / unit, (value % unit) * 2n];
  const isUp = left > unit || (left === unit && down % 2n === 1n);
  return (down + (isUp ? 1n : 0n)) * unit;
}

/** A float as Python's format .6g writes it. @param {number} value */
function sixDigits(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const [mantissa, exponent] = value.toExponential(5).split("e");
  if (Number(exponent) < -4 || Number(exponent) >= 6) return withExponent(withoutZeros(mantissa), Number(exponent));
  return withoutZeros(toEven(value, 5 - Number(exponent)).toFixed(5 - Number(exponent)));
}

/** Of two roundings that are equally near, Python takes the even one. @param {number} value @param {number} digits */
function toEven(value, digits) {
  const scaled = Math.abs(value) * 10 ** digits;
  const isTie = (value * 2 ** 20) % 1 === 0 && scaled % 1 === 0.5 && Math.floor(scaled) % 2 === 0;
  return isTie ? (Math.sign(value) * Math.floor(scaled)) / 10 ** digits : value;
}

/** A float as Python's repr writes it. @param {number} value */
function shortest(value) {
  if (!Number.isFinite(value)) return sixDigits(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa, exponent] = value.toExponential().split("e");
  if (Number(exponent) < -4 || Number(exponent) >= 16) return withExponent(mantissa, Number(exponent));
  const digits = Math.max(mantissa.replace(/^-?\d\.?/, "").length - Number(exponent), 1);
  return value.toFixed(Math.min(digits, 100));
}

/** @param {string} text */
const withoutZeros = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
/** @param {string} mantissa @param {number} exponent */
const withExponent = (mantissa, exponent) =>
  `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;

/** Whether Python goes through it value by value, in this order. @param {any} value */
export const isCollection = (value) => Array.isArray(value) || value instanceof Set;
