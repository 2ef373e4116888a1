// @ts-check
// A page of a lesson: its questions, the results that wait for them, how far a student is, its figures; and the first page.

import { NOTE, OPEN, RIGHT, WRONG } from "./judging.js";
import { Question, make } from "./question.js";
import { Answers, isAnswered, recall, remember } from "./storing.js";

const WORDS = { [OPEN]: "open", [WRONG]: "not yet", [RIGHT]: "right" };
const LESSON = /[^/]*$/.exec(location.pathname)?.[0].replace(/\.html$/, "") ?? "";

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
  const line = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("#hand-in textarea"));
  if (line) line.value = answers.asLine();
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
