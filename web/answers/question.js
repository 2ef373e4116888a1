// @ts-check
// A question of a page: a field or choices, Check, Hint, Solution and Another one, and what is said of an answer.

import { Diary } from "./diary.js";
import { NOTE, OPEN, RIGHT, WRONG, isTable, judge } from "./judging.js";
import { isAnswered } from "./storing.js";

/** @typedef {import("./storing.js").Answers} Answers */

const OUTCOMES = { [OPEN]: "open", [WRONG]: "wrong", [RIGHT]: "right", [NOTE]: "note" };
const DONE = "I have done this in the notebook";
const ROOT = document.documentElement.dataset.content_root ?? "./";

/** A translator of pages leaves code alone.
 * @param {string} tag @param {object} properties @param {(Node | string)[]} children @returns {any} */
export function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), tag === "code" && { translate: false }, properties);
  node.append(...children);
  return node;
}

/** A sentence of an exercise: what stands in backticks is code. @param {string} sentence */
export function prose(sentence) {
  const parts = sentence.split(/(`[^`]+`|\*\*Hint\*\*|\n)/);
  return parts.filter(Boolean).map((part) => {
    if (part === "\n") return make("br");
    if (part === "**Hint**") return make("strong", { textContent: "Hint" });
    return part.startsWith("`") && part.length > 1 ? make("code", { textContent: part.slice(1, -1) }) : part;
  });
}

/** One exercise on the page. */
export class Question {
  /** @param {HTMLElement} section @param {Answers} answers */
  constructor(section, answers) {
    this.own = JSON.parse(section.querySelector("script")?.textContent ?? "{}");
    this.section = section;
    this.answers = answers;
    /** @type {HTMLDetailsElement[]} */
    this.results = []; // what stays folded until it is answered
    /** @type {HTMLInputElement[]} */
    this.controls = [];
    this.draws = this.given = 0; // other numbers, and hints
    this.title = make("p", { className: "title" });
    this.task = make("p");
    this.report = make("div", { className: "report", role: "status" });
    this.more = make("div", { className: "more", role: "status" });
    this.form = make("form", { oninput: () => this.draft() });
    this.form.onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (this.own.judged) this.check();
    };
    section.replaceChildren(this.title, this.task, this.form, this.report, this.more);
    this.ask(this.own);
  }

  /** Ask with these numbers; of the lesson's own what has been given, or typed and not yet checked, comes back.
   * @param {any} data */
  ask(data) {
    this.data = data;
    this.given = 0;
    const { controls, nodes } = answerTo(this.own, this.section.id);
    this.controls = controls;
    this.form.replaceChildren(...nodes, this.buttons());
    this.task.replaceChildren(...prose(data.task));
    this.more.replaceChildren();
    this.say(OPEN, "");
    if (data !== this.own) return;
    const [kept, draft] = [this.answers.of(this.own), this.answers.stored.drafts[this.own.name]];
    if (kept) {
      this.written = kept.written;
      this.tell();
    }
    if (draft) this.written = draft;
  }

  /** What is written or chosen, a line for each. */
  get written() {
    const given = this.controls.filter((control) => !isBox(control) || control.checked);
    return given.map(({ value }) => value).join("\n");
  }

  set written(text) {
    const lines = this.controls.length > 1 ? text.split("\n") : [text];
    this.controls.forEach((control, i) => {
      if (isBox(control)) control.checked = lines.includes(control.value);
      else control.value = lines[i] ?? "";
    });
  }

  /** Keeps what is not checked yet. */
  draft() {
    if (this.data === this.own) this.answers.put("drafts", this.own.name, this.written);
    if (!this.own.judged) this.answers.changed();
  }

  buttons() {
    const button = (/** @type {string} */ name, /** @type {() => void} */ act) =>
      make("button", { type: "button", textContent: name, onclick: act });
    const buttons = [button("Hint", () => this.hint()), button("Solution", () => this.solve())];
    if (this.own.judged) buttons.unshift(make("button", { textContent: "Check", className: "check" }));
    if (this.own.judged && this.own.others) buttons.push(button("Another one", () => this.another()));
    if (this.data !== this.own) buttons.push(button("The lesson's own", () => this.show(this.own)));
    return make("div", { className: "buttons" }, ...buttons);
  }

  check() {
    const verdict = this.tell();
    if (!isAnswered(verdict.symbol)) return;
    if (this.own.others) new Diary().note(this.own.others, verdict.symbol === RIGHT, this.data !== this.own);
    if (this.data !== this.own) return;
    this.answers.keep(this.own, this.written, verdict);
    this.reveal();
  }

  get wasRight() {
    return this.data === this.own && this.answers.of(this.own)?.symbol === RIGHT;
  }

  /** Says what is right or wrong about what is written. */
  tell() {
    const text = this.own.kind === "choice" ? this.written.replace(/.+/g, '"$&"') : this.written; // words in quotes
    const verdict = judge(this.data, text);
    const before = this.wasRight ? "Right before; this try: not yet" : "Not yet";
    this.say(verdict.symbol, verdict.message.replace(/^Not yet/, before));
    return verdict;
  }

  /** A result of this question, which opens with the others: once it was open, it is so at the next visit.
   * @param {HTMLDetailsElement} result */
  hides(result) {
    this.results.push(result);
    const name = /** @type {HTMLElement} */ (result.querySelector(".collapsed, summary:not(:has(.collapsed))"));
    name.dataset.early = ` (answer “${this.own.title}” first)`;
    result.open = this.own.name in this.answers.stored.opened;
    result.ontoggle = () => result.open && this.reveal();
  }

  reveal() {
    if (this.own.name in this.answers.stored.opened) return;
    this.answers.put("opened", this.own.name, true);
    for (const result of this.results) result.open = true;
  }

  /** @param {string} symbol @param {string} message */
  say(symbol, message) {
    const draw = this.data === this.own ? "" : `, another (${this.data.draw})`;
    this.title.replaceChildren(make("strong", { textContent: `${symbol} ${this.own.title}${draw}` }));
    this.section.dataset.outcome = OUTCOMES[symbol];
    this.report.replaceChildren(...prose(message));
  }

  hint() {
    const { hints } = this.data;
    if (this.given === hints.length) return;
    const hint = hints[this.given++];
    this.more.append(make("p", {}, ...prose(`Hint ${this.given} of ${hints.length}: ${hint}`)));
  }

  solve() {
    const { message, code } = this.data.solution;
    if (this.section.dataset.outcome === "right")
      this.report.replaceChildren(); // the solution says the same
    else this.seen();
    const written = make("pre", { tabIndex: 0, hidden: !code, translate: false }, make("code", { textContent: code }));
    this.more.replaceChildren(make("p", {}, ...prose(message)), written);
    if (this.data === this.own) this.reveal();
  }

  /** Whoever has seen the solution did not know it, unless the answer had been right. */
  seen() {
    if (this.own.others && !this.wasRight) new Diary().note(this.own.others, false, this.data !== this.own);
    /** @type {any} */ (this.answers).seen?.();
  }

  async another() {
    const others = await othersOf(this.own.others);
    this.show(others[this.draws++ % others.length]);
  }

  /** @param {any} data */
  show(data) {
    this.ask(data);
    this.controls[0].focus();
  }
}

/** What is to be done for an answer that is Python code. */
function wantsPython() {
  const ways = /** @type {HTMLElement} */ (document.querySelector(".ways")?.cloneNode(true) ?? make("p"));
  ways.prepend("The answer is Python code, which no page can judge: run the lesson. ");
  return ways;
}

/** Whether it is ticked, and not written into. @param {HTMLInputElement} control */
const isBox = ({ type }) => type === "radio" || type === "checkbox";

/** What takes an answer, and all that stands on the page for it.
 * @param {any} question @param {string} id @returns {{ controls: HTMLInputElement[], nodes: Node[] }} */
function answerTo(question, id) {
  const named = question.judged
    ? namedControls(question, id)
    : [[DONE, make("input", { type: "checkbox", value: DONE })]];
  const controls = named.map(([, control]) => control);
  const labels = named.map(([name, control]) =>
    make("label", {}, ...(isBox(control) ? [control, ` ${name}`] : [`${name} `, control])),
  );
  if (!question.judged) return { controls, nodes: [wantsPython(), ...labels] };
  const legend = make("legend", { textContent: "Your answer" });
  if (question.kind === "choice") return { controls, nodes: [make("fieldset", {}, legend, ...labels)] };
  controls[0].setAttribute("aria-describedby", `${id}-form`);
  const form = make("p", { className: "form", id: `${id}-form`, hidden: !question.form }, ...prose(question.form));
  return { controls, nodes: [...labels, form] };
}

/** A field, a menu for each thing that is asked, or choices to tick.
 * @param {any} question @param {string} id @returns {[string, any][]} */
function namedControls(question, id) {
  const { kind, choices, labels, any_of } = question;
  if (kind !== "choice") return [["Your answer", field(question)]];
  const options = () => ["", ...choices].map((value) => make("option", { value, textContent: value || "choose" }));
  const menu = () => make("select", { required: true }, ...options()); // the browser says which one is missing
  const type = any_of ? "checkbox" : "radio";
  if (labels.length) return labels.map((/** @type {string} */ label) => [label, menu()]);
  return choices.map((/** @type {string} */ value) => [value, make("input", { type, value, name: id })]);
}

/** @param {any} question */
function field(question) {
  const input = isTable(question) ? make("textarea", { rows: 3 }) : make("input", { type: "text" });
  Object.assign(input, { autocomplete: "off", autocapitalize: "none", spellcheck: false });
  input.onkeydown = (/** @type {KeyboardEvent} */ { key, ctrlKey, metaKey }) => {
    if (key === "Enter" && (ctrlKey || metaKey)) input.form.requestSubmit();
  };
  return input;
}

/** An exercise with other numbers: fetched as a script, since a page from disk may fetch nothing else.
 * @param {string} name its full name @returns {Promise<any[]>} */
export async function othersOf(name) {
  const there = () => /** @type {any} */ (window).otherNumbers?.[name];
  const src = `${ROOT}_static/others/${name}.js`;
  if (!there()) await new Promise((onload, onerror) => document.head.append(make("script", { src, onload, onerror })));
  return there();
}
