// @ts-check
// The questions of a page: a field or choices, Check, Hint, Solution and Another one, and what is said of an answer.

import { NOTE, OPEN, RIGHT, WRONG, isTable, judge } from "./judging.js";
import { Answers, isAnswered, recall, remember } from "./storing.js";

const OUTCOMES = { [OPEN]: "open", [WRONG]: "wrong", [RIGHT]: "right", [NOTE]: "note" };
const WORDS = { [OPEN]: "open", [WRONG]: "not yet", [RIGHT]: "right" };
const ORDINALS = ["First", "Second", "Third"];
const ROOT = document.documentElement.dataset.content_root ?? "./";
const LESSON = /[^/]*$/.exec(location.pathname)?.[0].replace(/\.html$/, "") ?? "";

/** A translator of pages leaves code alone.
 * @param {string} tag @param {object} properties @param {(Node | string)[]} children @returns {any} */
function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), tag === "code" && { translate: false }, properties);
  node.append(...children);
  return node;
}

/** A sentence of an exercise: what stands in backticks is code. @param {string} sentence */
function prose(sentence) {
  const parts = sentence.split(/(`[^`]+`|\*\*Hint\*\*|\n)/);
  return parts.filter(Boolean).map((part) => {
    if (part === "\n") return make("br");
    if (part === "**Hint**") return make("strong", { textContent: "Hint" });
    return part.startsWith("`") && part.length > 1 ? make("code", { textContent: part.slice(1, -1) }) : part;
  });
}

/** One exercise on the page. */
class Question {
  /** @param {HTMLElement} section @param {Answers} answers */
  constructor(section, answers) {
    this.own = JSON.parse(section.querySelector("script")?.textContent ?? "{}");
    this.section = section;
    this.answers = answers;
    /** @type {HTMLDetailsElement[]} */
    this.results = []; // what stays folded until it is answered
    this.draws = 0;
    this.title = make("p", { className: "title" });
    this.task = make("p");
    this.report = make("div", { className: "report", role: "status" });
    this.more = make("div", { className: "more", role: "status" });
    this.form = make("form");
    this.form.onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.check();
    };
    section.replaceChildren(this.title, this.task, this.form, this.report, this.more);
    this.ask(this.own);
    const stored = answers.of(this.own);
    if (stored) {
      this.answer.write(stored.written);
      this.check();
    }
  }

  /** Ask with these numbers. @param {any} data */
  ask(data) {
    this.data = data;
    this.given = 0;
    /** @type {any} */
    this.answer = this.own.judged ? answerTo(this.own, this.section.id) : null;
    this.form.replaceChildren(...(this.answer?.nodes ?? [wantsPython()]), this.buttons());
    this.task.replaceChildren(...prose(data.task));
    this.more.replaceChildren();
    this.say(OPEN, "");
  }

  buttons() {
    const button = (/** @type {string} */ name, /** @type {() => void} */ act) =>
      make("button", { type: "button", textContent: name, onclick: act });
    const buttons = [button("Hint", () => this.hint()), button("Solution", () => this.solve())];
    if (this.own.judged) buttons.unshift(make("button", { textContent: "Check", className: "check" }));
    if (this.own.judged && this.own.others) buttons.push(button("Another one", () => this.another()));
    if (this.data !== this.own) buttons.push(button("The lesson's own", () => this.back()));
    return make("div", { className: "buttons" }, ...buttons);
  }

  check() {
    const written = this.answer.read();
    const { symbol, message } = judge(this.data, written);
    this.say(symbol, message);
    if (this.data !== this.own || !isAnswered(symbol)) return;
    this.answers.keep(this.own, written, symbol);
    this.reveal();
  }

  /** A result of this question, which opens with the others: once it was open, it is so at the next visit.
   * @param {HTMLDetailsElement} result */
  hides(result) {
    this.results.push(result);
    result.open = this.own.name in this.answers.stored.opened;
    result.ontoggle = () => result.open && this.reveal();
  }

  reveal() {
    if (this.own.name in this.answers.stored.opened) return;
    this.answers.open(this.own.name);
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
    this.given = Math.min(this.given + 1, hints.length);
    const told = hints
      .slice(0, this.given)
      .map((/** @type {string} */ hint, /** @type {number} */ i) =>
        make("p", {}, ...prose(`Hint ${i + 1} of ${hints.length}: ${hint}`)),
      );
    this.more.replaceChildren(...told);
  }

  solve() {
    const { message, code } = this.data.solution;
    const written = make("pre", { tabIndex: 0, hidden: !code, translate: false }, make("code", { textContent: code }));
    this.more.replaceChildren(make("p", {}, ...prose(message)), written);
    if (this.data === this.own) this.reveal();
  }

  async another() {
    const others = (await otherNumbers(this.answers.lesson))[this.own.name];
    this.ask({ ...this.own, ...others[this.draws++ % others.length] });
    this.answer.focus();
  }

  back() {
    this.ask(this.own);
    this.answer.focus();
  }
}

/** What is to be done for an answer that is Python code. */
function wantsPython() {
  const ways = document.querySelector(".ways");
  const links = ways ? [...ways.querySelectorAll("a")].map((link) => link.cloneNode(true)) : [];
  const sentence = "The answer is Python code, which no page can judge: run the lesson. ";
  return make("p", { className: "ways" }, sentence, ...links.flatMap((link) => [link, " "]));
}

/**
 * How an answer is given: what stands on the page, and what it says as it would be written in Python.
 * @typedef {{ nodes: Node[], read: () => string, write: (written: string) => void, focus: () => void }} Answer
 */

/** @param {any} question @param {string} id @returns {Answer} */
function answerTo(question, id) {
  if (question.kind !== "choice") return field(question, id);
  if (question.any_of) return boxes(question, id, "checkbox");
  return question.count > 1 ? menus(question) : boxes(question, id, "radio");
}

/** @param {any} question @param {string} id @returns {Answer} */
function field(question, id) {
  const input = isTable(question) ? make("textarea", { rows: 3 }) : make("input", { type: "text" });
  Object.assign(input, { autocomplete: "off", autocapitalize: "none", spellcheck: false });
  input.onkeydown = (/** @type {KeyboardEvent} */ { key, ctrlKey, metaKey }) => {
    if (key === "Enter" && (ctrlKey || metaKey)) input.form.requestSubmit();
  };
  const nodes = [make("label", {}, "Your answer ", input)];
  if (question.form) {
    input.setAttribute("aria-describedby", `${id}-form`);
    nodes.push(make("p", { className: "form", id: `${id}-form` }, ...prose(question.form)));
  }
  return {
    nodes,
    read: () => input.value,
    write: (written) => (input.value = written),
    focus: () => input.focus(),
  };
}

/** @param {string[]} chosen */
const asTuple = (chosen) => (chosen.length ? `(${chosen.map((each) => `${each}, `).join("")})` : "");

/** @param {any} question @param {string} id @param {string} type @returns {Answer} */
function boxes(question, id, type) {
  const inputs = question.choices.map((/** @type {string} */ value) => make("input", { type, value, name: id }));
  const labels = inputs.map((/** @type {any} */ input) => make("label", {}, input, ` ${input.value}`));
  return {
    nodes: [make("fieldset", {}, make("legend", { textContent: "Your answer" }), ...labels)],
    read() {
      const chosen = inputs.filter((/** @type {any} */ { checked }) => checked);
      const words = chosen.map((/** @type {any} */ { value }) => JSON.stringify(value));
      return type === "radio" ? (words[0] ?? "") : asTuple(words);
    },
    write(written) {
      for (const input of inputs) input.checked = written.includes(JSON.stringify(input.value));
    },
    focus: () => inputs[0].focus(),
  };
}

/** @param {any} question @returns {Answer} */
function menus(question) {
  const options = () =>
    ["", ...question.choices].map((value) => make("option", { value, textContent: value || "..." }));
  const selects = Array.from({ length: question.count }, () => make("select", {}, ...options()));
  const labels = selects.map((select, i) => make("label", {}, `${ORDINALS[i]} of ${question.count} `, select));
  return {
    nodes: [make("fieldset", {}, make("legend", { textContent: "Your answer" }), ...labels)],
    read: () => asTuple(selects.map(({ value }) => (value ? JSON.stringify(value) : "..."))),
    write(written) {
      const words = [...written.matchAll(/"([^"]*)"|\.\.\./g)];
      selects.forEach((select, i) => (select.value = words[i]?.[1] ?? ""));
    },
    focus: () => selects[0].focus(),
  };
}

/** The exercises with other numbers: fetched once, as a script, since a page from disk may fetch nothing else.
 * @param {string} lesson @returns {Promise<any>} */
function otherNumbers(lesson) {
  fetched[lesson] ??= new Promise((resolve, reject) => {
    const src = `${ROOT}_static/${lesson}.others.js`;
    const onload = () => resolve(/** @type {any} */ (window).otherNumbers);
    document.head.append(make("script", { src, onload, onerror: reject }));
  });
  return fetched[lesson];
}
/** @type {Record<string, Promise<any>>} */
const fetched = {};

/** How far a student has come: a line at the head of the lesson, and its table at the end.
 * @param {Answers} answers @param {Question[]} questions */
function showProgress(answers, questions) {
  const head = /** @type {HTMLElement | null} */ (document.querySelector(".so-far"));
  if (!head) return;
  const total = questions.filter(({ own }) => own.judged).length;
  const symbols = questions.map(({ own }) => answers.of(own)?.symbol);
  const answered = symbols.filter(isAnswered).length;
  const right = symbols.filter((symbol) => symbol === RIGHT).length;
  answers.count(total);
  head.hidden = false;
  const clear = () => {
    if (!confirm("Clear all your answers to this lesson?")) return;
    answers.clear();
    for (const question of questions) {
      question.ask(question.own);
      for (const result of question.results) result.open = false;
    }
    showProgress(answers, questions);
    head.querySelector("button")?.focus();
  };
  head.replaceChildren(
    make("progress", { value: answered, max: total, ariaLabel: "Questions answered" }),
    make("span", { role: "status", textContent: `${answered} of ${total} questions answered, ${right} right` }),
    make("button", { type: "button", textContent: "Clear my answers", onclick: clear }),
    answers.areKept ? "" : "This browser keeps no answers: they last as long as this page is open.",
  );
  for (const { own } of questions) {
    const cell = document.querySelector(`.states [data-exercise="${own.name}"] td`);
    const symbol = answers.of(own)?.symbol ?? OPEN;
    if (cell && own.judged) cell.textContent = `${symbol} ${WORDS[symbol]}`;
  }
}

/** On the first page, beside each lesson that was begun, how far. */
function showBegun() {
  for (const link of document.querySelectorAll("article table a")) {
    const lesson = /(\w+)\.html$/.exec(link.getAttribute("href") ?? "")?.[1];
    const begun = lesson ? new Answers(lesson).soFar() : "";
    if (begun) link.after(make("span", { className: "begun", textContent: ` ${begun}` }));
  }
}

/** A figure by itself, as large as it was drawn: a column of a phone makes it smaller.
 * @param {Event} event of a link to it */
function enlarge(event) {
  event.preventDefault();
  const image = /** @type {HTMLElement} */ (event.currentTarget).querySelector("img")?.cloneNode() ?? "";
  const dialog = make("dialog", { className: "figure", ariaLabel: "Figure in full size" });
  dialog.append(make("button", { textContent: "Close" }), image);
  dialog.onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
  dialog.scrollLeft = (dialog.scrollWidth - dialog.clientWidth) / 2;
}
for (const link of document.querySelectorAll("a.figure")) link.addEventListener("click", enlarge);

/** @type {Question[]} */
const questions = [];
for (const node of document.querySelectorAll("section.exercise, .tag_result details, details.result")) {
  if (node instanceof HTMLDetailsElement) questions.at(-1)?.hides(node);
  else {
    const lesson = /** @type {any} */ (node.closest("[data-lesson]"))?.dataset.lesson ?? LESSON;
    const answers = new Answers(lesson, () => showProgress(answers, questions));
    questions.push(new Question(/** @type {HTMLElement} */ (node), answers));
  }
}
const notes = /** @type {HTMLInputElement | null} */ (document.querySelector("#for-instructors"));
if (notes) {
  notes.checked = recall("notes") === true;
  notes.onchange = () => remember("notes", notes.checked);
}
if (questions.length) showProgress(questions[0].answers, questions);
if (LESSON === "index" || !LESSON) showBegun();
