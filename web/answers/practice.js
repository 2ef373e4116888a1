// @ts-check
// The page where questions come back: what is due, then whose mistake it was, and a sheet to print.

import { DRAWS, Diary } from "./diary.js";
import { RIGHT } from "./judging.js";
import { Question, make, othersOf, prose } from "./question.js";
import { Answers, remember } from "./storing.js";

const AT_RANDOM = 5;
const ON_A_SHEET = 10;
const BESIDE = 10; // draws further on: not those of the next days
const CODE = /\n.*:$/; // what leads to the code of a solution
const UNKEPT = "This browser keeps no answers: what is due is known as long as this page is open.";

/** {full name: [title, lesson, title of the lesson]} @type {Record<string, string[]>} */
const QUESTIONS = JSON.parse(document.querySelector("#questions")?.textContent ?? "{}");
const place = /** @type {HTMLElement} */ (document.querySelector("#practice"));
const diary = new Diary();
const head = make("p", { role: "status" });
const asked = make("div");
const answers = make("ol", { className: "answers" });

/** Some of these at random. @param {string[]} names @param {number} count */
const some = (names, count) => {
  const order = Object.fromEntries(names.map((name) => [name, Math.random()]));
  return [...names].sort((one, other) => order[one] - order[other]).slice(0, count);
};

function askWhatIsDue() {
  const due = diary.due().filter((name) => name in QUESTIONS);
  if (due.length) return ask(due, true);
  const waiting = diary.waiting().length;
  if (waiting) return ask([], false, `Ten are enough for today: ${waiting} more can wait until tomorrow.`);
  const [mine, says] = known().length ? [known(), "some of yours"] : [Object.keys(QUESTIONS), "five"];
  return ask(some(mine, AT_RANDOM), false, `Nothing is due today: here are ${says} at random, which do not count.`);
}

/** What has been answered before. */
const known = () => Object.keys(diary.entries).filter((name) => name in QUESTIONS);

/** What is due counts, and has its own numbers; what is asked beside it has others.
 * @param {string[]} names @param {boolean} counts @param {string} says */
async function ask(names, counts, says = "") {
  const left = new Set(names);
  const tell = () => {
    head.textContent = says || (left.size ? `${left.size} of ${names.length} left today.` : "Done for today.");
    if (!new Answers("practice").areKept) head.append(` ${UNKEPT}`);
  };
  const answered = (/** @type {string} */ name, /** @type {boolean} */ isRight) => {
    if (!counts || !left.delete(name)) return "";
    diary.note(name, isRight, true);
    tell();
    return whenAgain(diary.entries[name].due);
  };
  const shift = counts ? 0 : BESIDE;
  const drawOf = async (/** @type {string} */ name) => (await othersOf(name))[(diary.seed(name) - 1 + shift) % DRAWS];
  const draws = await Promise.all(names.map(drawOf));
  asked.replaceChildren(...names.map((name, i) => card(name, draws[i], answered)));
  answers.replaceChildren(...draws.map(({ solution }) => make("li", {}, ...prose(solution.message.replace(CODE, "")))));
  tell();
}

/** @param {string} due */
function whenAgain(due) {
  if (!due) return "It rests now: you had it right three times.";
  const on = new Date(`${due}T12:00`).toLocaleDateString("en", { day: "numeric", month: "long" });
  return `It comes back ${due === diary.day(1) ? "tomorrow" : `on ${on}`}.`;
}

/** One question, which is noted when it is answered first or its solution is seen, and then whose mistake it was.
 * @param {string} name @param {any} data @param {(name: string, isRight: boolean) => string} answered */
function card(name, data, answered) {
  const section = make("section", { className: "exercise", id: name.replace(".", "-"), ariaLabel: data.title });
  section.append(make("script", { type: "application/json", textContent: JSON.stringify(data) }));
  const again = make("p", { role: "status" });
  const note = (/** @type {boolean} */ isRight) => (again.textContent ||= answered(name, isRight));
  const told = () => section.querySelector("details") ?? section.append(whoseMistake(data.whose)); // before it would help
  const keep = (/** @type {any} */ _, /** @type {string} */ _written, /** @type {any} */ { symbol }) => {
    note(symbol === RIGHT);
    if (symbol === RIGHT) told();
  };
  const stored = { drafts: {}, opened: {} };
  const none = { stored, keep, seen: () => [note(false), told()], of: () => undefined, put() {}, changed() {} };
  new Question(section, /** @type {any} */ (none));
  const [, lesson, title] = QUESTIONS[name];
  const link = make("a", { href: `${lesson}.html`, textContent: title });
  section.append(again, make("p", { className: "from" }, "From ", link, "."));
  return section;
}

/** Somebody's wrong answer and four mistakes, one of which gives it.
 * @param {any} whose */
function whoseMistake({ answer, mistakes, made }) {
  const report = make("p", { role: "status" });
  const choices = mistakes.map((/** @type {[string, string, string]} */ [value, sentence]) => {
    const input = make("input", { type: "radio", name: "whose", value, required: true });
    return make("label", {}, input, " ", ...prose(sentence));
  });
  const legend = make("legend", { textContent: `Somebody answered ${answer}. What would you tell them?` });
  const fields = make("fieldset", {}, legend, ...choices);
  const form = make("form", {}, fields, make("button", { textContent: "Check" }), report);
  form.onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const chosen = new FormData(form).get("whose");
    const [, , gives] = mistakes.find((/** @type {string[]} */ [name]) => name === chosen);
    const wrong = `Not yet. Who makes this mistake gets ${gives}, and not ${answer}.`;
    report.textContent = chosen === made ? `Right: this mistake gives ${answer}.` : wrong;
  };
  return make("details", {}, make("summary", { textContent: "Whose mistake is this?" }), form);
}

/** The diary as a file, to be taken to another browser or into JupyterLab. */
function save() {
  const file = new Blob([JSON.stringify(diary.entries, null, 1)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: "practice.json" });
  link.click();
}

/** @param {Event} event of a field for files */
async function read({ target }) {
  const field = /** @type {HTMLInputElement} */ (target);
  const file = field.files?.[0];
  try {
    const entries = JSON.parse((await file?.text()) ?? "");
    if (!Object.values(entries).every(({ due, asked }) => typeof due === "string" && asked >= 0)) throw new Error();
    const mine = diary.entries;
    const newer = Object.entries(entries).filter(([name, { last }]) => !(name in mine) || last > mine[name].last);
    remember("practice", { ...mine, ...Object.fromEntries(newer) });
    await askWhatIsDue();
    head.prepend(`Of ${Object.keys(entries).length} questions in the file ${newer.length} were new here. `);
  } catch {
    head.textContent = `${file?.name} is not a file that this page has saved. Nothing has changed.`;
  }
  field.value = ""; // so that the same file can be chosen again
}

function clear() {
  if (!confirm("Forget which questions are due?")) return;
  remember("practice", {});
  askWhatIsDue();
}

/** First what is due, then what was answered before, then others. */
async function printSheet() {
  const names = new Set([...diary.due(), ...some(known(), ON_A_SHEET), ...some(Object.keys(QUESTIONS), ON_A_SHEET)]);
  await ask(
    [...names].filter((name) => name in QUESTIONS).slice(0, ON_A_SHEET),
    false,
    "Ten questions. The answers are on the last page.",
  );
  addEventListener("afterprint", () => askWhatIsDue(), { once: true });
  print();
}

const file = make("input", { type: "file", accept: ".json,application/json", onchange: read });
const kept = make("p", { className: "buttons" });
const acts = { "Print ten questions": printSheet, "Save my practice as a file": save, "Forget all": clear };
for (const [textContent, onclick] of Object.entries(acts)) kept.append(make("button", { textContent, onclick }));
remember("practice", diary.entries); // if it can
place.replaceChildren(head, asked, kept, make("label", {}, "Read a saved file: ", file), answers);
askWhatIsDue();
