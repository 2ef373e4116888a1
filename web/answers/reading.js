// @ts-check
// What somebody writes into a field, as numbers: 12, 3,692,640, 0,75, 28*28 - 2, 1/2, 35 %, x = 4, a list, or rows. Nothing
// is executed. Who writes 100.480 may mean either of two numbers, so that a text has one reading or several.

/** What can't be read; with a sentence, where it is known what to write instead. */
export class Unreadable extends Error {}

/** @typedef {number | any[]} Numbers a number, or a list of them, of lists of them and so on */

/**
 * What is asked, which decides between readings.
 * @typedef {object} Asked
 * @property {boolean} several numbers, which may stand side by side: 3 -1 are two
 * @property {boolean} sides of which 5 x 5 are two, and not 25
 * @property {boolean} percent so that 35 % are 35, and not 0.35
 */

const LONGEST = 1000; // letters: nobody writes more by hand
const DEEPEST = 20; // brackets in brackets

// Words that count for nothing beside a number: 16 pixels, factor 4. Of others nobody knows what they make of it: 16 halves.
const WORD =
  "(?:(?:pixel|weight|param|parameter|degree|filter|kernel|map|layer|column|row|image|number|place|channel|input|output|" +
  "feature|window|value|element|unit|neuron|position|multiply-add|multiplication|operation)s?|px|deg|bias(?:es)?|entries|" +
  "conv\\w*|linear|fc|saliency|shape|score|wide|field|times|fold|in total|counter-?clockwise|ccw|answer|ans|factor|" +
  "grows|about|approx|circa|ca|only|just|the|it|is|a|by|of|with)";
const WORDS = `${WORD}(?: (?:and )?${WORD})*\\b`;
const BEFORE = new RegExp(`(?<=^|[,;(\\n] ?)${WORDS}[. ]+(?=[-\\d([])`, "gi");
const AFTER = new RegExp(`(?<=[\\d)\\]])[ -]?${WORDS}\\.?(?= ?(?:[-+*/,;)\\]\\n]|x ?\\d|(?:and|of|with)\\b|$))`, "gi");

// What is written, and what is read in its place.
/** @type {[RegExp, string | ((...found: string[]) => string)][]} */
const RULES = [
  [/\p{Cf}/gu, ""], // invisible, from a paste
  [/(?<=[\d)\]])[⁺⁻]?[⁰¹²³⁴-⁹]+/g, (power) => `**${power.normalize("NFKC")}`],
  [/(?<!\d)(\d*)([½¼¾⅐-⅞])/g, (_, whole, part) => `(${whole || 0}+${part.normalize("NFKC")})`],
  [/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15)],
  [/(?<=\d)['’´_](?=\d)/g, ""],
  [/["'“”„‘’`°º˚]|(?<=^|\s)#.*$/gm, ""],
  [/[^]+/g, (text) => text.normalize("NFKC")], // digits of a wide keyboard, and hard blanks
  [/[−\p{Pd}]/gu, "-"],
  [/[·⋅∗•]/g, "*"],
  [/[×✕✖⨯х@]|(?<=\d ?)by(?= ?\d)/g, "x"],
  [/[÷⁄]/g, "/"],
  [/\^/g, "**"],
  [/x ?(?=10\*\*)/gi, "*"], // 3.5 x 10^5
  [/per ?cent/gi, "%"],
  [/[{}]/g, (sign) => "()"["{}".indexOf(sign)]],
  [/、/g, ","],
  [/[|&]/g, ";"],
  [/[≈~→⇒]|[-=]>|\bthen\b/g, "="], // a step, and what it leads to
  [/[^\S\n]+/g, " "],
  [/^ ?(?:\* |(?:-|\d\.) (?=[([]|\d+ ?x)|\(?(?:\d[):]|[a-i][.):]) (?=[([\d]))/gim, ""], // a list: a dash may be a sign
  [/(?<=[\p{L}\d)\]]) ?\([^()\d]*\p{L}[^()\d]*\)/gu, ""], // 10 (rounded down)
  [/(?:(?<=[\p{L}\d)\]=]) ?\.{3}|[=!?\s\p{Extended_Pictographic}]|(?<=[)\]])\.)+$|^\.{3} ?(?=[\d([])/gu, ""], // no value
  [/, ?(dtype|device|grad_fn|requires_grad)=[^,)]*/g, ""],
  [/\b(?:(?:np|numpy|torch|math)\.|(?:as)?(?:array|matrix|_?tensor|size|tuple|list|u?int\d+|float\d*)(?=\())/gi, ""],
  [/(?<=^|[,;([\n]) *\p{L}[\p{L}\p{N}_ ]*[=:]/gu, ""], // x = 4
  [/(?<=[\d)\]]) \p{L}[\p{L} ]*:/gu, " ,"], // convolutions: 1 linear: 2
  [/^ ?[x*] ?(?=\d)|(?<=\d) ?x ?$/gi, ""], // 4x
  [BEFORE, ""],
  [AFTER, ""],
  [/,? ?\b(?:and|und|et|y|of|with)\b/g, " ,"],
];

/** What counts of a text. A line that ends within brackets ends no row. @param {string} written */
export function tidy(written) {
  let depth = 0;
  const plain = RULES.reduce((text, [sign, ours]) => text.replace(sign, /** @type {string} */ (ours)), written.trim());
  const inOneRow = plain.replace(/[([\])\n]/g, (sign) => {
    if (sign !== "\n") depth += "([".includes(sign) ? 1 : -1;
    return sign === "\n" && depth > 0 ? " " : sign;
  });
  return inOneRow.trim();
}

/** Whether dots are all of a text, or hold the place of a value. @param {string} text */
export const isOpen = (text) => !text || /(?:^|[([,;\n=])\s*\.{3}\s*(?:$|[)\],;\n])/.test(text);

// Between thousands, and before a fraction: as Python has it, as in English, and as in most other languages.
const DIALECTS = [
  ["(?!)", "\\."],
  ["[, ]", "\\."],
  ["[. ]", ",(?!(?<!\\b0,)000(?!\\d))"], // 16,000: nobody adds three zeros to a number that is whole
  ["[. ]", "(?!)"], // 357.600,58.920
];

/** What may be the answer where = leads from step to step: what stands after the last of all, or of each item; or each
 * step is an item, as in 8x5x5 -> 9x3x3, and a slash stands between items. @param {string} text @param {boolean} several */
function answersIn(text, several) {
  const last = text.replace(/^.*=/s, "");
  const each = text.replace(/(?<=^|[;\n]|, )(?:(?!, |[;\n]).)*=/g, "");
  return several ? new Set([last, each, text.replace(/[=/]/g, ";")]) : [last];
}

/** All that a tidy text may mean, first what Python reads.
 * @template Meaning @param {string} text @param {Asked} asked
 * @param {(numbers: Numbers) => Meaning} meaning what counts of the numbers
 * @returns {Meaning[]} at least one, or Unreadable is thrown */
export function readings(text, asked, meaning) {
  let fault = new Unreadable();
  const ways = [...answersIn(text, asked.several)].flatMap((part) => DIALECTS.map((dialect) => [part, ...dialect]));
  const values = ways.flatMap(([part, group, point]) => {
    try {
      return [meaning(new Reader(tokensOf(part, group, point), asked).all())];
    } catch (reason) {
      if (!(reason instanceof Unreadable)) throw reason;
      if (!fault.message) fault = reason;
      return [];
    }
  });
  if (!values.length) throw fault;
  return values;
}

/**
 * @typedef {object} Token
 * @property {string} sign an operator, a bracket or what separates; "" for a number
 * @property {number} value
 * @property {boolean} leads whether a blank stands before it, and none after it, as before the 1 of 3 -1
 */

/** @param {string} text @param {string} group @param {string} point @returns {Token[]} */
function tokensOf(text, group, point) {
  if (text.length > LONGEST) throw new Unreadable();
  const indian = `[1-9]\\d?(?:${group}\\d\\d)+${group}\\d{3}(?!\\d)`; // 36,92,640
  const whole = `[1-9]\\d{0,2}(?:${group}\\d{3})+(?!\\d)|${indian}|\\d+`; // no group follows a lone zero
  const number = `0x[\\da-f]+|(?:(?:${whole})(?:${point}\\d+|\\.(?![\\d.]))?|(?<!\\d)\\.\\d+)(?:e[+-]?\\d+)?`;
  const comma = point.startsWith(",") ? ",(?!\\d)" : ","; // between numbers: where it is also a point, a blank follows it
  const token = new RegExp(`( *)(?:(${number})|(\\*\\*|//|[-+*/%()[\\];x\n]|${comma}|floor|int))`, "iy");
  const tokens = [];
  while (token.lastIndex < text.length) {
    const [all, before, digits = "", sign = ""] = token.exec(text) ?? [];
    if (all === undefined) throw new Unreadable();
    const plain = /x/i.test(digits)
      ? digits
      : digits.replace(new RegExp(`(?<=\\d)${group}`, "g"), "").replace(",", ".");
    const leads = before !== "" && /\S/.test(text[token.lastIndex] ?? "");
    tokens.push({ sign: sign.toLowerCase(), value: Number(plain), leads });
  }
  return tokens;
}

/** One reading of a text: rows, in them items, in them what stands side by side, and in these sums. */
class Reader {
  /** @param {Token[]} tokens @param {Asked} asked */
  constructor(tokens, asked) {
    this.tokens = tokens;
    this.asked = asked;
    this.at = 0;
    this.depth = 0;
  }

  /** The next sign if it is one of these. @param {string[]} signs */
  take(...signs) {
    const next = this.tokens[this.at];
    return next?.sign && signs.includes(next.sign) ? this.tokens[this.at++].sign : "";
  }

  /** Whether a value comes next. */
  begins() {
    const next = this.tokens[this.at];
    return next && ["", "(", "[", "-", "+", "floor", "int"].includes(next.sign);
  }

  /** @returns {Numbers} */
  all() {
    const value = this.rows();
    const isFinite = [value].flat(Infinity).every(Number.isFinite);
    if (this.at < this.tokens.length || !isFinite) throw new Unreadable();
    return value;
  }

  /** Rows, which a line or a semicolon ends; between single numbers a semicolon stands as a comma does.
   * @param {string[]} ends @returns {Numbers} */
  rows([end, ...weaker] = ["\n", ";"]) {
    const rows = [];
    do {
      if (this.begins()) rows.push(weaker.length ? this.rows(weaker) : this.items());
    } while (this.take(end));
    if (!rows.length) throw new Unreadable();
    if (rows.length === 1) return rows[0];
    return end === ";" && rows.every(Number.isFinite) ? rows : rows.map((row) => [row].flat());
  }

  items() {
    const items = [this.neighbours()];
    let isList = false;
    while (this.take(",") && (isList = true) && this.begins()) items.push(this.neighbours());
    return isList ? items : items[0];
  }

  neighbours() {
    const values = [this.sum()];
    while ((this.asked.sides && this.take("x")) || (this.asked.several && this.begins())) values.push(this.sum());
    return values.length > 1 ? values : values[0];
  }

  sum() {
    let value = this.product();
    while (!(this.asked.several && this.tokens[this.at]?.leads)) {
      const sign = this.take("+", "-");
      if (!sign) break;
      value = compute(sign, value, this.product());
    }
    return value;
  }

  product() {
    const signs = this.asked.sides ? ["*", "/", "//"] : ["*", "/", "//", "x"];
    let value = this.signed();
    for (let sign; (sign = this.take(...signs) || this.unwritten()); ) value = compute(sign, value, this.signed());
    return value;
  }

  /** What is meant between a number and a bracket, as in 64(75 + 1), where one number is asked. */
  unwritten() {
    const [before, next] = [this.tokens[this.at - 1], this.tokens[this.at]].map((token) => token?.sign);
    return !this.asked.several && (next === "(" || (before === ")" && next === "")) ? "*" : "";
  }

  /** @returns {Numbers} */
  signed() {
    let isNegative = false;
    for (let sign; (sign = this.take("-", "+")); ) isNegative = isNegative !== (sign === "-");
    let value = this.take("floor", "int") ? compute("//", this.single(), 1) : this.single();
    if (this.take("**")) value = compute("**", value, this.signed());
    while (this.take("%")) value = this.asked.percent ? value : compute("/", value, 100);
    return isNegative ? compute("*", -1, value) : value;
  }

  /** @returns {Numbers} */
  single() {
    const token = this.tokens[this.at++];
    if (token && !token.sign) return token.value;
    if (token?.sign !== "(" && token?.sign !== "[") throw new Unreadable();
    if (++this.depth > DEEPEST) throw new Unreadable();
    const inside = this.rows();
    this.depth -= 1;
    if (!this.take(token.sign === "(" ? ")" : "]")) throw new Unreadable();
    return token.sign === "[" ? [inside].flat() : inside;
  }
}

/** @type {Record<string, (a: number, b: number) => number>} */
const OPERATIONS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  x: (a, b) => a * b,
  "/": (a, b) => a / b,
  "//": (a, b) => Math.floor(a / b),
  "**": (a, b) => a ** b,
};

/** A number and rows may be multiplied, as in 1/4 * [[-1, 1]].
 * @param {string} sign @param {Numbers} left @param {Numbers} right @returns {Numbers} */
function compute(sign, left, right) {
  const [isFirst, isSecond] = [left, right].map((each) => typeof each === "number");
  if (sign === "*" && isFirst && !isSecond) return compute(sign, right, left);
  if ("*/".includes(sign) && Array.isArray(left) && isSecond) return left.map((each) => compute(sign, each, right));
  if (typeof left !== "number" || typeof right !== "number") throw new Unreadable();
  return OPERATIONS[sign](left, right);
}
