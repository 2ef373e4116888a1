// @ts-check
// The questions of a page: a field or choices, Check, Hint, Solution and Another one, and what is said of an answer.

import { NOTE, OPEN, RIGHT, WRONG, isTable, judge } from "./judging.js";
import { Answers, isAnswered, recall, remember } from "./storing.js";

const OUTCOMES = { [OPEN]: "open", [WRONG]: "wrong", [RIGHT]: "right", [NOTE]: "note" };
const WORDS = { [OPEN]: "open", [WRONG]: "not yet", [RIGHT]: "right" };
const DONE = "I have done this in the notebook";
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
    if (this.data !== this.own) buttons.push(button("The lesson's own", () => this.back()));
    return make("div", { className: "buttons" }, ...buttons);
  }

  check() {
    const symbol = this.tell();
    if (this.data !== this.own || !isAnswered(symbol)) return;
    this.answers.keep(this.own, this.written, symbol);
    this.reveal();
  }

  /** Says what is right or wrong about what is written. */
  tell() {
    const { symbol, message } = judge(this.data, this.written);
    const wasRight = this.data === this.own && this.answers.of(this.own)?.symbol === RIGHT;
    this.say(symbol, wasRight ? message.replace(/^Not yet/, "Right before; this try: not yet") : message);
    return symbol;
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
    if (this.section.dataset.outcome === "right") this.report.replaceChildren(); // the solution says the same
    const written = make("pre", { tabIndex: 0, hidden: !code, translate: false }, make("code", { textContent: code }));
    this.more.replaceChildren(make("p", {}, ...prose(message)), written);
    if (this.data === this.own) this.reveal();
  }

  async another() {
    const others = (await otherNumbers())[this.own.name];
    this.ask({ ...this.own, ...others[this.draws++ % others.length] });
    this.controls[0].focus();
  }

  back() {
    this.ask(this.own);
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

/** The exercises with other numbers: fetched once, as a script, since a page from disk may fetch nothing else.
 * @returns {Promise<any>} */
function otherNumbers() {
  fetched ??= new Promise((resolve, reject) => {
    const src = `${ROOT}_static/${LESSON}.others.js`;
    const onload = () => resolve(/** @type {any} */ (window).otherNumbers);
    document.head.append(make("script", { src, onload, onerror: reject }));
  });
  return fetched;
}
/** @type {Promise<any> | undefined} */
let fetched;

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
    location.reload();
  };
  head.replaceChildren(
    make("progress", { value: answered, max: total, ariaLabel: "Questions answered" }),
    make("span", { role: "status", textContent: `${answered} of ${total} questions answered, ${right} right` }),
    make("button", { type: "button", textContent: "Clear my answers", onclick: clear }),
    answers.areKept ? "" : "This browser keeps no answers: they last as long as this page is open.",
  );
  for (const { own, results } of questions) {
    const cell = document.querySelector(`.states [data-exercise="${own.name}"] td`);
    const [symbol, isDone] = [answers.of(own)?.symbol ?? OPEN, Boolean(answers.stored.drafts[own.name])];
    const state = own.judged ? `${symbol} ${WORDS[symbol]}` : `${NOTE} ${isDone ? "done " : ""}in Python`;
    cell?.replaceChildren(state);
    for (const { classList } of results) classList.toggle("early", own.judged ? !isAnswered(symbol) : !isDone);
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
  dialog.onclose = () => {
    dialog.remove();
    if (history.state === "figure") history.back();
  };
  document.body.append(dialog);
  dialog.showModal();
  history.pushState("figure", ""); // so that Back closes the figure, and not the lesson
  onpopstate = () => dialog.close();
}
for (const link of document.querySelectorAll("a.figure")) link.addEventListener("click", enlarge);

/** @type {Question[]} */
const questions = [];
const answers = new Answers(LESSON, () => showProgress(answers, questions));
for (const node of document.querySelectorAll("section.exercise, .tag_result details, details.result")) {
  if (node instanceof HTMLDetailsElement) questions.at(-1)?.hides(node);
  else questions.push(new Question(/** @type {HTMLElement} */ (node), answers));
}
const notes = /** @type {HTMLInputElement | null} */ (document.querySelector("#for-instructors"));
if (notes) {
  notes.checked = recall("notes") === true;
  notes.onchange = () => remember("notes", notes.checked);
}
if (questions.length) showProgress(answers, questions);
if (LESSON === "index" || !LESSON) showBegun();
