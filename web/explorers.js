// @ts-check
// The explorers of a page without a kernel: each still image whose settings are stored beside it comes alive.

import { alone } from "../lessonlib/explore.js";
import "../lessonlib/explore.css";

for (const found of document.querySelectorAll("[data-explorer]")) {
  const still = /** @type {HTMLElement} */ (found);
  still.replaceChildren();
  alone(still, JSON.parse(still.dataset.explorer ?? ""));
}
