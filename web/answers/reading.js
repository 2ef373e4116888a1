// @ts-check
// What somebody writes into a field, as the value that Python would make of it: numbers, arithmetic, text, tuples and
// lists. Nothing is executed. Beyond Python it reads what people write by hand: 3,692,640 and 0,75, 35%, 7 x 7, 28^2, 30°,
// and a table as lines.

/** Python's (...), which is another thing than its list, an Array here. */
export class Tuple extends Array {}

/** Python's ..., which stands for what is not answered yet. */
export const DOTS = Symbol("...");

/** What can't be read, with a sentence for whoever wrote it. */
export class Unreadable extends Error {}

/**
 * A value of Python: int is a bigint, float a number, dict a Map.
 * @typedef {bigint | number | string | boolean | null | symbol | any[] | Map<any, any> | Set<any>} Value
 */

const MOST_DIGITS = 5000; // of a whole number
const MOST_ITEMS = 100_000; // of a list that is repeated
const DEEPEST = 100; // brackets in brackets

const WORDS = new Map(Object.entries({ True: true, False: false, None: null, Ellipsis: DOTS }));
// What makes an array of a list: around what is printed, and around what is written.
const ARRAYS = /^((np|numpy)\.)?(array|asarray|(int|float)\d+)$|^(torch\.)?(tensor|Size)$|^(tuple|list)$/;
const TOKEN =
  /\s*(?:(\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d[\d_]*(?:[eE][+-]?\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\.\.\.)|([\p{L}_][\p{L}\p{N}_.]*)|(\*\*|\/\/|[-+*/%()[\]{},:;]))/uy;
const BY_HAND = { "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "^": "**", "…": "..." };

/**
 * @param {string} written
 * @param {{ asksNumber?: boolean, asksPercent?: boolean, asksRows?: boolean, asksSide?: boolean, asksShape?: boolean, example?: string }} asked
 * whether one number is asked, in which a comma is no separator; per cent, so that 35% is 35 and not 0.35; rows, which may
 * be lines; the side of a square, of which 5 x 5 says the same; or several numbers, of which 10 x 28 x 28 says three; and
 * what can be written
 * @returns {Value} DOTS where nothing is written
 */
export function read(written, asked = {}) {
  const { asksNumber = false, asksPercent = false, asksRows = false, asksSide = false, asksShape = false } = asked;

  let plain = written.trim().replace(/[\u201c\u201d\u201e]/g, '"');
  plain = plain
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/\s#.*$/gm, "")
    .trimEnd();
  if (asksShape && /^\d+(\s*[x×]\s*\d+)+$/i.test(plain)) plain = plain.replace(/[x×]/gi, ",");
  if (!/["']/.test(plain)) plain = plain.replace(/[−–×·⋅÷^…]/g, (sign) => BY_HAND[/** @type {"^"} */ (sign)]);
  if (!/["']/.test(plain))
    plain = plain.replaceAll("°", "").replace(/(?<=[\d)])\s*x\s*(?=[\d(])/gi, asksSide ? ", " : " * ");
  if (asksRows && /^[-+]?[\d.]+(\s+[-+]?[\d.]+)*$/.test(plain)) plain = rowsOf(plain);
  if (!plain) return DOTS;
  return new Reader(
    withPoints(plain, asksNumber),
    written.trim(),
    asksPercent,
    asked.example ?? "a number such as 12",
  ).all();
}

// Threes of digits, with commas, with blanks, or with more points than a fraction has.
const THOUSANDS = /(?<![\d.,])\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+|(?:\.\d{3}){2,})(?![\d.,])/g;

/** Lines of numbers as rows. @param {string} text */
const rowsOf = (text) => {
  const rows = text.split(/\n+/).map((line) => line.trim().split(/\s+/).join(", "));
  return /\s/.test(text) ? `[${rows.map((row) => `[${row}]`).join(", ")}]` : text;
};

/** Commas inside numbers taken out: those between thousands, and those that a language has for the point.
 * @param {string} text @param {boolean} asksNumber */
function withPoints(text, asksNumber) {
  if (/["']/.test(text)) return text;
  if (text.includes(";")) return text.replace(/(?<=\d),(?=\d)/g, ".").replaceAll(";", ",");
  if (!asksNumber || /[\[({]/.test(text)) return text;
  const together = text.replace(THOUSANDS, (number) => number.replace(/[,. ]/g, ""));
  return together.replace(/(?<=\d),(?=\d)/g, ".");
}

class Reader {
  /** @param {string} text @param {string} written @param {boolean} asksPercent @param {string} example */
  constructor(text, written, asksPercent, example) {
    this.asksPercent = asksPercent;
    this.example = example;
    this.written = written.length > 40 ? `${written.slice(0, 40)}...` : written;
    /** @type {{ kind: string, text: string }[]} */
    this.tokens = this.split(text);
    this.at = 0;
    this.depth = 0;
  }

  /** @param {string} text */
  split(text) {
    const tokens = [];
    const kinds = ["number", "text", "dots", "name", "sign"];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const found = TOKEN.exec(text);
      if (!found) throw this.fault();
      const which = found.slice(1).findIndex((each) => each !== undefined);
      tokens.push({ kind: kinds[which], text: found[which + 1] });
    }
    return tokens;
  }

  /** @param {string} why */
  fault(why = `write ${this.example}`) {
    return new Unreadable(`\`${this.written}\` can't be read: ${why}.`);
  }

  /** The next sign if it is one of these. @param {string[]} signs */
  take(...signs) {
    const next = this.tokens[this.at];
    if (next?.kind !== "sign" || !signs.includes(next.text)) return "";
    this.at += 1;
    return next.text;
  }

  /** @param {string} sign */
  need(sign) {
    if (!this.take(sign)) throw this.fault(`a ${sign} is missing; write ${this.example}`);
  }

  all() {
    const value = this.items("");
    if (this.at < this.tokens.length) {
      const left = this.tokens[this.at];
      throw this.fault(left.kind === "name" ? `leave out \`${left.text}\`, and write ${this.example}` : undefined);
    }
    return value;
  }

  /** One value, or a tuple of several. @param {string} end the bracket that ends them */
  items(end) {
    const tuple = new Tuple();
    let several = false;
    while (this.tokens[this.at] && !(end && this.tokens[this.at].text === end)) {
      tuple.push(this.sum());
      if (!this.take(",")) break;
      several = true;
    }
    return several || !tuple.length ? tuple : tuple[0];
  }

  sum() {
    let value = this.product();
    for (let sign; (sign = this.take("+", "-")); ) value = compute(this, sign, value, this.product());
    return value;
  }

  product() {
    let value = this.signed();
    for (let sign; (sign = this.take("*", "/", "//", "%")); ) {
      if (sign === "%" && !this.beginsValue()) value = this.percent(value);
      else value = compute(this, sign, value, this.signed());
    }
    return value;
  }

  beginsValue() {
    const next = this.tokens[this.at];
    return next && (next.kind !== "sign" || ["(", "["].includes(next.text));
  }

  /** @param {Value} value */
  percent(value) {
    return this.asksPercent ? value : compute(this, "/", value, 100n);
  }

  /** @returns {Value} */
  signed() {
    const sign = this.take("-", "+");
    if (!sign) return this.power();
    if (++this.depth > DEEPEST) throw this.fault("there are too many signs in a row");
    const value = number(this, this.signed());
    this.depth -= 1;
    return sign === "-" ? -value : value;
  }

  /** @returns {Value} */
  power() {
    const base = this.single();
    return this.take("**") ? compute(this, "**", base, this.signed()) : base;
  }

  /** @returns {any} */
  single() {
    const token = this.tokens[this.at++];
    if (!token) throw this.fault("something is missing at its end");
    if (token.kind === "number") return this.literal(token.text.replaceAll("_", ""));
    if (token.kind === "text") return this.texts(token.text);
    if (token.kind === "dots") return DOTS;
    if (token.kind === "name") return this.name(token.text);
    if (++this.depth > DEEPEST) throw this.fault("there are too many brackets in brackets");
    const value = this.brackets(token.text);
    this.depth -= 1;
    return value;
  }

  /** @param {string} text */
  literal(text) {
    if (text.length > MOST_DIGITS) throw this.fault(`it has more than ${MOST_DIGITS} digits`);
    return /^\d+$/.test(text) ? BigInt(text) : Number(text);
  }

  /** Texts that stand side by side are one. @param {string} first */
  texts(first) {
    let whole = unquoted(first);
    while (this.tokens[this.at]?.kind === "text") whole += unquoted(this.tokens[this.at++].text);
    return whole;
  }

  /** @param {string} name */
  name(name) {
    if (WORDS.has(name)) return WORDS.get(name);
    if (!ARRAYS.test(name) || !this.take("("))
      throw this.fault(`what is \`${name}\`? Write numbers and arithmetic, and put text into quotes`);
    const inside = this.items(")");
    this.need(")");
    return inside;
  }

  /** @param {string} open */
  brackets(open) {
    if (open === "(") {
      const inside = this.items(")");
      this.need(")");
      return inside;
    }
    if (open === "[") {
      const list = this.list("]");
      this.need("]");
      return list;
    }
    if (open !== "{") throw this.fault();
    const pairs = this.list("}", true);
    this.need("}");
    const named = pairs.filter((each) => each instanceof Pair);
    if (named.length && named.length < pairs.length) throw this.fault();
    return named.length || !pairs.length ? new Map(named.map(({ key, value }) => [key, value])) : new Set(pairs);
  }

  /** @param {string} end @param {boolean} named @returns {any[]} */
  list(end, named = false) {
    const values = [];
    while (this.tokens[this.at] && this.tokens[this.at].text !== end) {
      const value = this.sum();
      values.push(named && this.take(":") ? new Pair(value, this.sum()) : value);
      if (!this.take(",")) break;
    }
    return values;
  }
}

class Pair {
  /** @param {Value} key @param {Value} value */
  constructor(key, value) {
    this.key = key;
    this.value = value;
  }
}

/** @param {string} text */
const unquoted = (text) =>
  text.slice(1, -1).replace(/\\(.)/gs, (_, sign) => (sign === "n" ? "\n" : sign === "t" ? "\t" : sign));

/** A number, also the one that Python has in True. @param {Reader} reader @param {any} value @returns {any} */
function number(reader, value) {
  if (typeof value === "boolean") return BigInt(value);
  if (typeof value === "bigint" || typeof value === "number") return value;
  throw reader.fault(value === DOTS ? "there are still dots in it" : "only numbers can be computed with");
}

/** @param {Reader} reader @param {string} sign @param {any} left @param {any} right @returns {any} */
function compute(reader, sign, left, right) {
  if (sign === "+" && typeof left === "string" && typeof right === "string") return left + right;
  if (sign === "+" && left instanceof Array && left.constructor === right?.constructor)
    return /** @type {any} */ (left.constructor).from([...left, ...right]);
  if (sign === "*" && left instanceof Array) return repeated(reader, left, right);
  if (sign === "*" && right instanceof Array) return repeated(reader, right, left);
  const [a, b] = [number(reader, left), number(reader, right)];
  if ("/ // %".includes(sign) && Number(b) === 0) throw reader.fault("it divides by 0");
  const whole = typeof a === "bigint" && typeof b === "bigint";
  if (sign === "/") return Number(a) / Number(b);
  if (sign === "**") return power(reader, a, b);
  return whole ? OF_INTEGERS[sign](a, b) : OF_FLOATS[sign](Number(a), Number(b));
}

/** @type {Record<string, (a: bigint, b: bigint) => bigint>} */
const OF_INTEGERS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "//": (a, b) => (a - OF_INTEGERS["%"](a, b)) / b,
  "%": (a, b) => ((a % b) + b) % b,
};

/** @type {Record<string, (a: number, b: number) => number>} */
const OF_FLOATS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "//": (a, b) => Math.floor(a / b),
  "%": (a, b) => a - Math.floor(a / b) * b,
};

/** @param {Reader} reader @param {bigint | number} base @param {bigint | number} exponent */
function power(reader, base, exponent) {
  if (Number(base) === 0 && Number(exponent) < 0) throw reader.fault("it divides by 0");
  if (typeof base !== "bigint" || typeof exponent !== "bigint" || exponent < 0n) {
    const result = Number(base) ** Number(exponent);
    if (Number.isNaN(result)) throw reader.fault("a root of a negative number is no number on a line");
    return result;
  }
  const digits = String(base < 0n ? -base : base).length * Number(exponent);
  if (digits > MOST_DIGITS && base * base > 1n) throw reader.fault(`it has more than ${MOST_DIGITS} digits`);
  return base ** exponent;
}

/** @param {Reader} reader @param {any[]} list @param {any} times */
function repeated(reader, list, times) {
  const count = Number(number(reader, times));
  if (count * list.length > MOST_ITEMS) throw reader.fault(`it has more than ${MOST_ITEMS} values`);
  const copies = Array.from({ length: Math.max(count, 0) }, () => [...list]);
  return /** @type {any} */ (list.constructor).from(copies.flat(1));
}
