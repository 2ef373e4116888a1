// @ts-check
// The page where questions come back: what is due, then whose mistake it was, and a sheet to print.

import { Diary } from "./diary.js";
import { RIGHT } from "./judging.js";
import { Question, make, othersOf, prose } from "./question.js";
import { Answers, remember } from "./storing.js";

const AT_RANDOM = 5;
const ON_A_SHEET = 10;

/** {full name: [title, lesson, title of the lesson]} @type {Record<string, string[]>} */
const QUESTIONS = JSON.parse(document.querySelector("#questions")?.textContent ?? "{}");
const place = /** @type {HTMLElement} */ (document.querySelector("#practice"));
const diary = new Diary();
const head = make("p", { role: "status" });
const asked = make("div");
const answers = make("ol", { className: "answers" });

/** @param {string} name @param {() => void} act */
const button = (name, act) => make("button", { type: "button", textContent: name, onclick: act });

/** Some of these at random. @param {string[]} names @param {number} count */
const some = (names, count) =>
  names
    .map((name) => ({ name, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .slice(0, count)
    .map(({ name }) => name);

function askWhatIsDue() {
  const due = diary.due().filter((name) => name in QUESTIONS);
  if (due.length) return ask(due, `${due.length} ${due.length === 1 ? "question is" : "questions are"} due today.`);
  const known = Object.keys(diary.entries).filter((name) => name in QUESTIONS);
  if (known.length) return ask(some(known, AT_RANDOM), "Nothing is due today: here is what you know.");
  return ask(some(Object.keys(QUESTIONS), AT_RANDOM), "Nothing is due today: here are five at random.");
}

/** @param {string[]} names @param {string} says */
async function ask(names, says) {
  head.textContent = new Answers("practice").areKept ? says : `${says} This browser keeps no answers.`;
  const draws = await Promise.all(names.map(async (name) => (await othersOf(name))[diary.seed(name) - 1]));
  const sections = names.map((name, i) => card(name, draws[i]));
  asked.replaceChildren(...sections);
  answers.replaceChildren(...draws.map(({ solution }) => make("li", {}, ...prose(solution.message.split("\n")[0]))));
}

/** One question, which goes into the diary when it is answered first, and then whose mistake it was.
 * @param {string} name @param {any} data */
function card(name, data) {
  const section = make("section", { className: "exercise", id: name.replace(".", "-"), ariaLabel: data.title });
  section.append(make("script", { type: "application/json", textContent: JSON.stringify(data) }));
  let isNoted = false;
  const keep = (/** @type {any} */ _, /** @type {string} */ _written, /** @type {{ symbol: string }} */ { symbol }) => {
    if (isNoted) return;
    isNoted = true;
    diary.note(name, symbol === RIGHT, true);
    if (data.whose) section.append(whoseMistake(data.whose, section.id));
  };
  const stored = { drafts: {}, opened: {} };
  new Question(section, /** @type {any} */ ({ stored, keep, of: () => undefined, put() {}, changed() {} }));
  const [, lesson, title] = QUESTIONS[name];
  section.append(
    make("p", { className: "from" }, "From ", make("a", { href: `${lesson}.html`, textContent: title }), "."),
  );
  return section;
}

/** Somebody's wrong answer and four mistakes, one of which gives it.
 * @param {any} whose @param {string} id */
function whoseMistake({ answer, mistakes, made }, id) {
  const report = make("p", { role: "status" });
  const choices = mistakes.map((/** @type {[string, string, string]} */ [name, sentence, gives]) => {
    const says =
      name === made
        ? `Right: this mistake gives ${answer}.`
        : `Not yet. Who makes this mistake gets ${gives}, and not ${answer}.`;
    const onchange = () => report.replaceChildren(says);
    return make("label", {}, make("input", { type: "radio", name: `${id}-whose`, onchange }), " ", ...prose(sentence));
  });
  const legend = make("legend", { textContent: `Somebody answered ${answer}. What would you tell them?` });
  const summary = make("summary", { textContent: "Whose mistake is this?" });
  return make("details", {}, summary, make("fieldset", {}, legend, ...choices), report);
}

/** The diary as a file, to be taken to another browser or into JupyterLab. */
function save() {
  const file = new Blob([JSON.stringify(diary.entries, null, 1)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: "practice.json" });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** @param {Event} event of a field for files */
async function read({ target }) {
  const field = /** @type {HTMLInputElement} */ (target);
  const file = field.files?.[0];
  try {
    const entries = JSON.parse((await file?.text()) ?? "");
    if (!Object.values(entries).every(({ due, asked }) => typeof due === "string" && asked >= 0)) throw new Error();
    remember("practice", entries);
    await askWhatIsDue();
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

async function printSheet() {
  await ask(some(Object.keys(QUESTIONS), ON_A_SHEET), "Ten questions. The answers are on the last page.");
  print();
}

const file = make("input", { type: "file", accept: ".json,application/json", onchange: read });
const kept = make("p", { className: "buttons" });
kept.append(
  button("Print ten questions", printSheet),
  button("Save what is due as a file", save),
  button("Forget all", clear),
);
remember("practice", diary.entries); // if it can
place.replaceChildren(head, asked, kept, make("label", {}, "Read a saved file: ", file), answers);
askWhatIsDue();
