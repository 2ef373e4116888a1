// @ts-check
// What an answer may be, and what of it counts, as lessonlib/checking/kinds.py: observe makes plain data of it, or throws
// Refused.

import { Tuple } from "./reading.js";
import { difference, show } from "./comparing.js";
import { Numbers, Refused, normal, numbers, words } from "./observing.js";

/**
 * @typedef {object} Kind
 * @property {(value: any) => any} observe
 * @property {(got: any, right: any) => any} difference
 * @property {(got: any, theirs: any) => boolean} agrees
 */

/** @param {any} question what Exercise.to_dict() holds @returns {Kind} */
export function kindOf(question) {
  if (question.kind === "choice") return new Choice(question);
  const differs = (/** @type {any} */ got, /** @type {any} */ right) => difference(got, right, question.tolerance);
  const agrees = (/** @type {any} */ got, /** @type {any} */ theirs) => differs(got, theirs) === null;
  return { observe: OBSERVE[question.view || question.kind], difference: differs, agrees };
}

/** The views that a page has too, and the kinds of numbers.
 * @type {Record<string, (value: any) => any>} */
const OBSERVE = { numbers: (value) => numbers(value), side, direction, _what_it_answers: responses };

/** The side of a square: 5 and (5, 5) say the same. @param {any} answer */
function side(answer) {
  const observed = numbers(answer);
  const isPair = observed instanceof Numbers && String(observed.shape) === "2";
  return isPair && observed.values[0] === observed.values[1] ? observed.at(0) : observed;
}

/** An angle in degrees. A bar turned by 180 degrees is the same bar. @param {any} answer */
function direction(answer) {
  const angle = numbers(answer);
  if (!(angle instanceof Numbers) || angle.values.some((each) => each % 15 !== 0))
    throw new Refused("Give a multiple of 15 degrees.");
  return new Numbers(
    angle.shape,
    angle.values.map((each) => ((each % 180) + 180) % 180),
  );
}

/** One of some words, or a Tuple of them. */
class Choice {
  /** @param {{ choices: string[], count: number, any_of: boolean, also: Record<string, string> }} question */
  constructor({ choices, count, any_of, also }) {
    this.choices = choices;
    this.count = count;
    this.anyOf = any_of;
    this.names = { ...Object.fromEntries(choices.map((each) => [each, each])), ...also };
  }

  /** @param {any} answer @returns {string | Tuple} */
  observe(answer) {
    let given = (this.count > 1 && answer instanceof Set ? null : words(answer)) ?? []; // a set has no order
    if (typeof answer === "string" && (this.anyOf || this.count > 1)) {
      given = answer
        .split(/[,;/\n]|\band\b/)
        .map(normal)
        .filter(Boolean);
      if (given.length === 1 && this.count > 1) given = given[0].split(" ");
    }
    const known = given.map((word) => this.known(word));
    if (!known.length || known.includes(undefined) || (!this.anyOf && known.length !== this.count))
      throw new Refused(`${shown(answer)}${this.offer()}.`);
    if (this.anyOf) return Tuple.from([...new Set(known)].sort());
    return this.count > 1 ? Tuple.from(known) : /** @type {string} */ (known[0]);
  }

  /** @param {any} got @param {any} right */
  difference(got, right) {
    if (!this.anyOf) return difference(got, right);
    const wrong = got.filter((/** @type {string} */ each) => !right.includes(each));
    return wrong.length ? difference(wrong[0], right[0]) : null;
  }

  /** @param {any} got @param {any} theirs */
  agrees(got, theirs) {
    return this.anyOf
      ? got.some((/** @type {string} */ each) => theirs.includes(each))
      : difference(got, theirs) === null;
  }

  /** The word as it is offered: "relus" and "relu" are "ReLU", 70 is "70%". @param {string} word */
  known(word) {
    const forms = [word, word.replace(/s$/, ""), `${word}%`].map((form) => form.replaceAll(" ", ""));
    return Object.entries(this.names).find(([name]) => forms.includes(normal(name).replaceAll(" ", "")))?.[1];
  }

  offer() {
    const offered = this.choices.map(show).join(", ");
    if (this.anyOf) return `choose one or more of ${offered}`;
    const many = { 2: "two", 3: "three" }[this.count];
    return many ? `choose ${many} of these words, in one tuple: ${offered}` : `choose one of ${offered}`;
  }
}

/** @param {any} answer */
function shown(answer) {
  const text = Array.isArray(answer) ? "" : show(answer);
  return text && [...text].length <= 60 ? `${text}: ` : "";
}

const SIDE = 64; // of the images that a kernel is tried on
const rounded = (/** @type {number} */ value) => Math.round(value * 1e5) / 1e5;

/** What a kernel answers on flat white, and at edges from dark to light: _what_it_answers of the lesson on filters.
 * @param {any} answer */
function responses(answer) {
  const { shape, values } = rowsOf(answer);
  const [rows, columns] = shape;
  if (rows > SIDE || columns > SIDE)
    throw new Refused(`Its shape is (${rows}, ${columns}): the image has ${SIDE} x ${SIDE} pixels.`);
  const byRow = Array(rows).fill(0);
  const byColumn = Array(columns).fill(0);
  values.forEach((weight, i) => {
    byRow[Math.floor(i / columns)] += weight;
    byColumn[i % columns] += weight;
  });
  const across = atEdge(byColumn);
  const along = atEdge(byRow);
  const strongest = along.reduce((most, each) => (Math.abs(each) > Math.abs(most) ? each : most));
  const steps = across.map(rounded).flatMap((each, i, all) => (i && each !== all[i - 1] ? [each > all[i - 1]] : []));
  const single = (/** @type {number} */ value) => new Numbers([], [value]);
  return {
    "the response to flat white, which is the sum of the weights": single(byRow.reduce((sum, each) => sum + each)),
    "the response along a horizontal edge": single(strongest),
    "the lowest response at a vertical edge": single(Math.min(...across)),
    "the largest response at a vertical edge": single(Math.max(...across)),
    "how often the response rises and falls at a vertical edge": single(
      steps.filter((rises, i) => rises && i + 1 < steps.length && !steps[i + 1]).length,
    ),
  };
}

/** The responses of weights that slide over an edge, dark in the first half and light in the second.
 * @param {number[]} weights */
function atEdge(weights) {
  const isLight = (/** @type {number} */ pixel) => pixel >= SIDE / 2;
  return Array.from({ length: SIDE - weights.length + 1 }, (_, place) =>
    weights.reduce((sum, weight, i) => sum + (isLight(place + i) ? weight : 0), 0),
  );
}

/** A kernel as Numbers of rows and columns. @param {any} answer */
function rowsOf(answer) {
  let kernel;
  try {
    kernel = numbers(answer);
  } catch (reason) {
    if (!(reason instanceof Refused)) throw reason;
    throw new Refused(reason.message.replace("{form}", "a list of rows of numbers"));
  }
  if (kernel instanceof Tuple) throw new Refused("Its rows have different lengths.");
  const { shape } = kernel;
  if (shape.length < 2 || !kernel.values.length) throw new Refused("A kernel is a list of rows, [[..., ...]].");
  if (shape.slice(0, -2).some((/** @type {number} */ each) => each !== 1))
    throw new Refused(`Its shape is (${shape.join(", ")}): give one kernel, (rows, columns).`);
  return new Numbers(shape.slice(-2), kernel.values);
}
