// @ts-check
// Which pixels, with which weights, make this one number? First the arithmetic, then how it is shown.
// All of it happens in the browser, so that the image follows the mouse; explore.py checks what comes in.

const SETTINGS = ["image", "kernel", "kernel_size", "stride", "padding", "dilation", "operation"];

/**
 * What is explored, as explore.py hands it over.
 * @typedef {object} Setting
 * @property {{ shape: number[], values: Float64Array }} image channels, height and width; its pixels in a row
 * @property {number[][][] | null} kernel the weights of a convolution: channels, rows, columns
 * @property {number | null} kernel_size the side of a pooling window
 * @property {number} stride
 * @property {number} padding
 * @property {number} dilation
 * @property {string} operation "convolution", "max" or "average"
 *
 * @typedef {object} Model what anywidget gives, or alone() below
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {(event: string, tell: () => void) => void} on
 * @property {(event: string, tell: () => void) => void} off
 * @property {() => void} save_changes
 */

/** One setting: how large its map is, what the window covers at a place of the map, and what it answers there. */
export class Operation {
  /** @param {Setting} setting */
  constructor({ image: { shape, values }, kernel, kernel_size, stride, padding, dilation, operation }) {
    const side = kernel_size ?? 0;
    this.values = values;
    this.channels = shape[0];
    this.height = shape[1];
    this.width = shape[2];
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.operation = operation;
    this.pools = !kernel;
    this.window = kernel ? [kernel[0].length, kernel[0][0].length] : [side, side];
    /** @type {Float64Array[]} */
    this.kept = []; // the padded channels, once they are made
    this.weights = kernel ? kernel.map((rows) => rows.flat()) : [];
    this.span = this.window.map((side) => this.dilation * (side - 1) + 1);
    this.room = [this.height, this.width].map((side) => side + 2 * this.padding);
    this.size = this.room.map((side, axis) => Math.floor((side - this.span[axis]) / this.stride) + 1);
  }

  /** Why there is no such map, or "" where there is one. */
  get misfit() {
    const [span, room] = [this.span, this.room].map((sides) => sides.join(" x "));
    if (this.span.some((side, axis) => side > this.room[axis]))
      return `The window would span ${span} pixels, and the padded image has ${room}.`;
    return this.pools && 2 * this.padding > this.window[0] ? "The padding is half of the window at most." : "";
  }

  /** One channel with its padding, row after row: zeros, or what max pooling never chooses.
   * @param {number} channel */
  padded(channel) {
    if (this.kept[channel]) return this.kept[channel];
    const pixels = new Float64Array(this.room[0] * this.room[1]).fill(this.operation === "max" ? -Infinity : 0);
    for (let y = 0; y < this.height; y++) {
      const from = (channel * this.height + y) * this.width;
      pixels.set(this.values.subarray(from, from + this.width), (y + this.padding) * this.room[1] + this.padding);
    }
    this.kept[channel] = pixels;
    return pixels;
  }

  /** The pixels under the window, row after row.
   * @param {number} channel @param {number} row @param {number} column */
  patch(channel, row, column) {
    const [pixels, width] = [this.padded(channel), this.room[1]];
    const first = row * this.stride * width + column * this.stride;
    const [rows, columns] = this.window.map((side) => range(side).map((step) => step * this.dilation));
    return rows.flatMap((down) => columns.map((right) => pixels[first + down * width + right]));
  }

  /** @param {number} channel @param {number} row @param {number} column */
  products(channel, row, column) {
    return this.patch(channel, row, column).map((pixel, i) => pixel * this.weights[channel][i]);
  }

  /** What one channel answers at a place: the sum of the products, the largest pixel, or the mean.
   * @param {number} channel @param {number} row @param {number} column */
  answer(channel, row, column) {
    if (!this.pools) return sum(this.products(channel, row, column));
    const pixels = this.patch(channel, row, column);
    return this.operation === "max" ? Math.max(...pixels) : sum(pixels) / pixels.length;
  }

  /** The maps, row after row: a convolution sums over the channels, pooling has a map for each. */
  maps() {
    const [rows, columns] = this.size;
    const maps = range(this.pools ? this.channels : 1).map(() => new Float64Array(rows * columns));
    for (let channel = 0; channel < this.channels; channel++) this.add(channel, maps[this.pools ? channel : 0]);
    return maps;
  }

  /** Adds what a channel answers to a map. Row by row, so that a row of the map stays in the cache while
   * all weights meet it: a photograph under 7 x 7 weights follows a slider.
   * @param {number} channel @param {Float64Array} map */
  add(channel, map) {
    const [rows, columns] = this.size;
    const pixels = this.padded(channel);
    const count = this.window[0] * this.window[1];
    const weights = this.pools ? new Float64Array(count).fill(1) : this.weights[channel];
    const takesLargest = this.operation === "max";
    const step = this.stride;
    if (takesLargest) map.fill(-Infinity);
    for (let row = 0; row < rows; row++) {
      for (let tap = 0; tap < count; tap++) {
        const down = row * step + Math.floor(tap / this.window[1]) * this.dilation;
        let from = down * this.room[1] + (tap % this.window[1]) * this.dilation;
        const weight = weights[tap];
        const end = (row + 1) * columns;
        if (takesLargest)
          for (let to = row * columns; to < end; to++, from += step)
            map[to] = pixels[from] > map[to] ? pixels[from] + 0 : map[to];
        // no negative zero
        else for (let to = row * columns; to < end; to++, from += step) map[to] += weight * pixels[from];
      }
    }
    if (this.operation === "average") for (let to = 0; to < map.length; to++) map[to] /= count;
  }
}

/** @param {number} count */
const range = (count) => [...Array(count).keys()];
/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// Colours by role, as in lessonlib/figures: gray, and eleven steps each of PuOr_r and viridis.
/** @param {string} codes */
const ramp = (codes) => codes.split(" ").map((code) => [1, 3, 5].map((i) => parseInt(code.slice(i, i + 2), 16)));
const IMAGE = ramp("#000000 #ffffff");
const SIGNED = ramp("#2d004b #532687 #8073ac #b1aad1 #d8daeb #f7f7f6 #fee0b6 #fcb761 #e08214 #b25706 #7f3b08");
const FEATURES = ramp("#440154 #482475 #414487 #355f8d #2a788e #21918c #22a884 #44bf70 #7ad151 #bddf26 #fde725");
const BORDER = [222, 222, 222]; // what max pooling never chooses
const MARK = "#c2185b"; // boxes that say: look here

/**
 * How values are shown: their colours, the values at both ends of these, and the digits after the point.
 * @typedef {{ colours: number[][], low: number, high: number, digits: number }} Style
 * @param {ArrayLike<number>} given @param {number[][]} colours
 * @returns {Style}
 */
function styleOf(given, colours) {
  const values = given instanceof Float64Array ? given : Float64Array.from(given);
  const signed = colours === SIGNED || values.some((value) => value < 0);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const high = colours === IMAGE && !signed ? Math.max(largest, 1) : largest;
  const small = Math.max(2, 1 - Math.floor(Math.log10(largest))); // two digits of the largest, at least
  const digits = values.every((value) => value % 1 === 0) ? 0 : small;
  return { colours: signed ? SIGNED : colours, low: signed ? -high : 0, high, digits };
}

/** @param {Style} style @param {number} value */
function shade({ colours, low, high }, value) {
  if (value === -Infinity) return BORDER;
  const place = clamp((value - low) / (high - low), 0, 1) * (colours.length - 1);
  const step = Math.min(Math.floor(place), colours.length - 2);
  const [from, to, part] = [colours[step], colours[step + 1], place - step];
  return from.map((each, i) => each + part * (to[i] - each));
}

/** Black or white, whichever stands out more: by relative luminance, as WCAG 2 defines it.
 * @param {number[]} colour */
function ink(colour) {
  const [red, green, blue] = colour.map((each) => (each > 10 ? ((each / 255 + 0.055) / 1.055) ** 2.4 : each / 3294.6));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "black" : "white";
}
const MOST_DIGITS = 3; // after the point
const LARGEST = 1e9; // of what may be written into a field: the products stay exact enough to be read

/** A value as it is shown: so many digits after the point, or a power of ten where these would not tell it. What
 * was written by hand is never shown as 0 unless it is: what was computed may be, as 0.1 + 0.2 - 0.3.
 * @param {number} value @param {number} digits @param {boolean} written */
export function text(value, digits, written = false) {
  if (value === -Infinity) return "-∞";
  if (value === 0 && digits > MOST_DIGITS) return "0";
  const size = Math.abs(value);
  const tiny = size > 0 && size < 0.5 * 10 ** -digits;
  if (size >= 1e6 || (size && digits > MOST_DIGITS) || (written && tiny))
    return value.toExponential(1).replace("e+", "e");
  return value.toFixed(digits).replace(/^-(?=[0.]+$)/, "");
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** The number that somebody wrote, with the minus of a book and the comma of a language; products and fractions too. NaN
 * if it is none.
 * @param {string} written */
export function numberIn(written) {
  const signs = written
    .replace(/[\u2212\u2013]/g, "-")
    .replaceAll("\u00d7", "*")
    .replaceAll(",", ".");
  const number = (/** @type {string} */ text) => (NUMBER.test(text) ? Number(text) : NaN);
  const [first, ...more] = signs.split(/(?=[*/])/);
  const times = (/** @type {number} */ value, /** @type {string} */ part) =>
    part[0] === "*" ? value * number(part.slice(1)) : value / number(part.slice(1));
  return more.reduce(times, number(first));
}

/** Why a number can't stand in a kernel, or "" where it can.
 * @param {number} number @param {string} written */
export function refusal(number, written) {
  if (!Number.isFinite(number)) return `"${written}" is no number: write one such as -2, 0.5 or 1/2.`;
  return Math.abs(number) > LARGEST
    ? `${written} is too large: the largest is ${LARGEST.toExponential(0).replace("e+", "e")}.`
    : "";
}

/** @param {string[]} texts */
const longest = (texts) => Math.max(...texts.map((each) => each.length));

const CELL = 2.6; // em, as all measures: see explore.css
const SMALLEST_LETTERS = 14; // pixels

/** @param {string} tag @param {object} properties @param {(Node | string)[]} children
 * @returns {any} */
function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.dataset.lmSuppressShortcuts = ""; // while it has the focus, JupyterLab leaves the keys alone
  node.append(...children);
  return node;
}

/** A field for a number. While it has the focus it shows the number as it was written, or all its digits; the arrow keys
 * add 1 or, with Shift, 0.1. What can be read counts while it is written; what is refused in the end stays, and is marked,
 * until it is mended.
 * @param {string} name @param {(written: string) => string} write tells what is wrong with it */
function field(name, write) {
  // Of the keyboards that a phone has for numbers, some have no minus.
  const node = make("input", { type: "text", ariaLabel: name, autocomplete: "off" });
  const showAll = () => node.validity.valid && (node.value = node.dataset.value);
  node.onfocus = () => {
    showAll();
    node.setSelectionRange(0, node.value.length, "backward"); // of a long number the start is seen
  };
  node.onblur = () => node.validity.valid && (node.value = node.dataset.shown);
  const put = (/** @type {string} */ written) => {
    node.dataset.value = written;
    node.setCustomValidity(write(written));
  };
  node.oninput = () => refusal(numberIn(node.value), node.value) || put(node.value);
  node.onchange = () => put(node.value);
  node.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    const sign = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    const value = numberIn(node.value);
    if (!sign || Number.isNaN(value)) return;
    event.preventDefault();
    put(`${Number((value + sign * (event.shiftKey ? 0.1 : 1)).toPrecision(12))}`);
    showAll();
  };
  return node;
}

/** A table of numbers; those of a kernel are fields to write in.
 * @param {number[]} size @param {string} label @param {((i: number, written: string) => string)=} edit */
function numbers([rows, columns], label, edit) {
  const cell = Math.min(CELL, 13 / Math.max(rows, columns));
  const cells = range(rows * columns).map((i) => {
    if (!edit) return make("div", { className: "cell", role: "cell" });
    const name = `${label}, row ${Math.floor(i / columns)}, column ${i % columns}`;
    return field(name, (written) => edit(i, written));
  });
  const lines = range(rows).map((row) => {
    const line = cells.slice(row * columns, (row + 1) * columns);
    return make("div", { className: "row", role: "row" }, ...(edit ? line.map(inACell) : line));
  });
  const node = make("div", { className: "numbers", role: "table", ariaLabel: label }, ...lines);
  node.translate = false;
  node.style.cssText = `--cell: ${cell}em; grid-template-columns: repeat(${columns}, ${cell}em)`;

  /** @param {ArrayLike<number>} values @param {Style} style */
  function fill(values, style, chosen = -1) {
    const texts = Array.from(values, (value) => text(value, style.digits, Boolean(edit)));
    const font = Math.min(1, (1.5 * cell) / longest(texts)); // in DejaVu Sans a digit is 0.64 em wide
    node.style.setProperty("--font", `${font}em`);
    cells.forEach((each, i) => {
      const colour = shade(style, values[i]);
      if (edit) {
        each.dataset.shown = texts[i];
        if (numberIn(each.dataset.value ?? "") !== values[i] && each.validity.valid) each.dataset.value = values[i];
        if (each !== document.activeElement && each.validity.valid) each.value = texts[i];
      } else each.textContent = texts[i];
      each.className = i === chosen ? "cell chosen" : "cell";
      each.style.background = `rgb(${colour})`;
      each.style.color = font < 0.4 ? "transparent" : ink(colour); // colours alone, where no digit can be read
    });
  }
  return { node, fill };
}

/** @param {HTMLElement} node */
const inACell = (node) => make("div", { className: "row", role: "cell" }, node);

/** The pixels of values in their colours, which a table of them finds at once.
 * @param {number[]} size @param {ArrayLike<number>} values @param {Style} style */
function painted([rows, columns], values, style) {
  const levels = 1023;
  const scale = levels / (style.high - style.low);
  const code = (/** @type {number[]} */ [red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red;
  const table = Int32Array.from(range(levels + 1), (i) => code(shade(style, style.low + i / scale).map(Math.round)));
  const pixels = new ImageData(columns, rows);
  const codes = new Int32Array(pixels.data.buffer); // a pixel is one number: alpha, blue, green, red
  for (let i = 0; i < codes.length; i++) {
    const level = (values[i] - style.low) * scale;
    codes[i] =
      values[i] === -Infinity ? code(BORDER) : table[level < 0 ? 0 : level > levels ? levels : Math.round(level)];
  }
  return pixels;
}

/** An image or map on a canvas, a square for each number; point(row, column) hears where the pointer is.
 * @param {string} label @param {number} box @param {(row: number, column: number) => void} point */
function plane(label, box, point) {
  const node = make("canvas", { role: "img", ariaLabel: label });
  const context = /** @type {CanvasRenderingContext2D} */ (node.getContext("2d"));
  const still = make("canvas"); // all but the frames, which move
  let [rows, columns] = [0, 0];
  let [unit, line] = [1, 1]; // a square and an em, both in pixels of the canvas
  // A mouse that hovers, a finger that is drawn along a row, and a tap; drawn up or down, the finger scrolls the page.
  node.onclick = node.onpointermove = (/** @type {PointerEvent} */ event) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const [y, x] = [((event.clientY - top) / height) * rows, ((event.clientX - left) / width) * columns];
    point(clamp(Math.floor(y), 0, rows - 1), clamp(Math.floor(x), 0, columns - 1));
  };

  /** @param {number[]} size @param {ArrayLike<number>} values @param {Style} style */
  function load(size, values, style, padding = 0) {
    [rows, columns] = size;
    const em = Math.min(CELL, box / Math.max(rows, columns)); // a square on the screen
    unit = Math.max(1, Math.round(36 * em));
    line = unit / em;
    [node.width, node.height] = [still.width, still.height] = [columns * unit, rows * unit];
    [node.style.width, node.style.height] = [`${columns * em}em`, `${rows * em}em`];
    const small = make("canvas", { width: columns, height: rows });
    small.getContext("2d").putImageData(painted(size, values, style), 0, 0);
    const pen = still.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, still.width, still.height);
    Object.assign(pen, { strokeStyle: MARK, lineWidth: 0.08 * line, textAlign: "center", textBaseline: "middle" });
    pen.setLineDash([0.3 * line, 0.2 * line]); // where the image ends and its padding begins
    const inner = [padding, padding, columns - 2 * padding, rows - 2 * padding].map((squares) => squares * unit);
    if (padding) pen.strokeRect(...inner);
    const texts = em < 1 ? [] : Array.from(values, (value) => text(value, style.digits));
    const font = Math.min(0.45, 1.5 / longest(texts)); // of a square
    if (font * em < 0.6) return;
    pen.font = `${font * unit}px "DejaVu Sans", sans-serif`;
    texts.forEach((each, i) => {
      pen.fillStyle = ink(shade(style, values[i]));
      pen.fillText(each, ((i % columns) + 0.5) * unit, (Math.floor(i / columns) + 0.5) * unit);
    });
  }

  /** frames: each [row, column, height, width] in squares; the first is bold, and large enough to be found.
   * @param {number[][]} frames */
  function draw(frames) {
    context.drawImage(still, 0, 0);
    frames.forEach(([row, column, ...size], i) => {
      const [height, width] = size.map((side) => Math.max(side * unit, i ? 0 : 0.5 * line));
      const [x, y] = [(column + size[1] / 2) * unit - width / 2, (row + size[0] / 2) * unit - height / 2];
      for (const [strokeStyle, thickness] of Object.entries({ white: 0.3, [MARK]: 0.18 })) {
        Object.assign(context, { strokeStyle, lineWidth: (i ? 0.5 : 1) * thickness * line });
        context.strokeRect(x, y, width, height);
      }
    });
  }
  return { node, load, draw };
}

/** @type {Record<string, string>} */
const ANSWER = { convolution: "sum", max: "largest", average: "mean" };

/** All that shows a setting, in columns from the image to the map; act holds what the hand can do.
 * @param {Operation} setting @param {HTMLElement} says @param {any} act */
function stageOf({ operation, channels, window, pools }, says, act) {
  const many = channels > 1;
  const adds = many && !pools; // one sum over the channels
  const names = channels === 3 ? ["red", "green", "blue"] : range(channels).map((channel) => `channel ${channel}`);
  /** @type {(build: (name: string, channel: number) => any) => any[]} */
  const row = (build) => names.map((name, channel) => build(many ? ` of ${name}` : "", channel));
  /** @param {string[]} texts */
  const words = (texts) => texts.map((textContent) => ({ node: make("div", { textContent }) }));
  /** @type {(text: string) => [string, any[]]} */
  const sign = (text) => ["", words(names.map(() => text))];

  const images = row((name) => plane(`image${name}`, many ? 3 * CELL : 18, act.pointAtImage));
  const patches = row((name) => numbers(window, `window${name}`));
  const kernels = row((name, channel) => numbers(window, `kernel${name}`, act.edit(channel)));
  const products = row((name) => numbers(window, `products${name}`));
  const answers = row((name) => numbers([1, 1], `answer${name}`));
  const maps = row((name) => plane(`map${name}`, pools && many ? 3 * CELL : 18, act.choose));
  const total = numbers([1, 1], "sum over the channels");
  total.node.className += " total";
  maps.forEach(({ node }) => Object.assign(node, { tabIndex: 0, role: "application", onkeydown: act.step }));

  const heads = { image: make("div"), map: make("div"), names: make("div") };
  const roles = new Map(Object.entries(heads).map(([role, head]) => [head, role]));
  /** @type {any[][]} */
  const columns = [
    ...(many ? [[heads.names, words(names)]] : []),
    [heads.image, images],
    ["window", patches],
    ...(pools ? [] : [sign("x"), ["kernel", kernels], sign("="), ["products", products]]),
    sign("\u2192"),
    [ANSWER[operation], adds ? [...answers, total] : answers],
    [heads.map, pools ? maps : maps.slice(0, 1)],
  ];
  const node = make("div", { className: "stage" });
  let line = node;
  columns.forEach(([head, parts], column) => {
    const cells = [make("div", {}, head), ...parts.map((/** @type {any} */ part) => part.node)];
    cells.forEach((each, i) => {
      each.style.gridArea = `${i + 1} / ${column + 1} / span ${i && parts.length === 1 ? channels : 1}`;
    });
    const block = make("div", { className: `column ${roles.get(head) ?? ""}` }, ...cells);
    if (head === "") node.append((line = make("div", { className: "signed" }))); // a sign stays with what follows it
    if (head === heads.map)
      node.prepend(block); // the first that the Tab key finds: a kernel has many fields
    else line.append(block);
    if (head) line = node;
  });

  /** @type {Record<"image" | "kernel" | "product" | "map", Style>} */
  const styles = Object.create(null); // how each is shown

  /** Shows what is the same at every place.
   * @param {Operation} setting */
  function load(setting) {
    const { values, weights, padding, room, size } = setting;
    const results = setting.maps();
    const image = styleOf(values, pools ? FEATURES : IMAGE);
    const map = pools ? { ...image, digits: operation === "average" ? 2 : image.digits } : styleOf(results[0], SIGNED);
    const kernel = styleOf(weights.flat(), SIGNED);
    const high = image.high * kernel.high;
    const product = { colours: SIGNED, low: -high, high, digits: Math.max(image.digits, kernel.digits) };
    Object.assign(styles, { image, map, kernel, product });
    images.forEach(({ load, node }, channel) => {
      load(room, setting.padded(channel), image, padding);
      node.ariaLabel = `image${many ? ` of ${names[channel]}` : ""}, ${setting.height} x ${setting.width} pixels`;
    });
    results.forEach((each, channel) => maps[channel].load(size, each, map));
    weights.forEach((each, channel) => kernels[channel].fill(each, kernel));
    heads.image.textContent = `image ${setting.height} x ${setting.width}${padding ? `, padded to ${room.join(" x ")}` : ""}`;
    heads.map.textContent = `map ${size.join(" x ")}`;
    maps.forEach(({ node }) => (node.ariaLabel = `map of ${size.join(" x ")}: the arrow keys choose a place`));
  }

  /** Shows one place, and returns it in words.
   * @param {Operation} setting @param {number} row @param {number} column */
  function show(setting, row, column) {
    const { stride, dilation, span } = setting;
    const { image, map, product } = styles;
    const [top, left, count] = [row * stride, column * stride, window[0] * window[1]];
    const offsets = range(dilation > 1 ? count : 0).map((i) => [Math.floor(i / window[1]), i % window[1]]);
    const taps = offsets.map(([down, right]) => [top + down * dilation, left + right * dilation, 1, 1]);
    images.forEach(({ draw }) => draw([[top, left, ...span], ...taps]));
    maps.forEach(({ draw }) => draw([[row, column, 1, 1]]));
    const found = range(channels).map((channel) => {
      const [patch, answer] = [setting.patch(channel, row, column), setting.answer(channel, row, column)];
      patches[channel].fill(patch, image, operation === "max" ? patch.indexOf(answer) : -1);
      if (!pools) products[channel].fill(setting.products(channel, row, column), product);
      answers[channel].fill([answer], map);
      return answer;
    });
    total.fill([sum(found)], map);
    const results = found
      .map((value) => text(value, map.digits))
      .join(adds ? " + " : ", ")
      .replaceAll("+ -", "- ");
    const end = adds ? ` = ${text(sum(found), map.digits)}` : "";
    const what = pools ? `${count} pixels` : `${count * channels} products`;
    return `row ${row}, column ${column}: the ${ANSWER[operation]} of ${what} is ${results}${end}`;
  }
  says.style.gridArea = `${channels + 2} / 1 / auto / span ${columns.length - (adds ? 2 : 0)}`;
  node.append(says);
  const width = (many ? 12 : 18) + 18 + (pools ? 1 : 3) * Math.min(CELL * window[1], 13) + (pools ? 8 : 14); // em
  return { node, width, load, show };
}

/** @type {Record<string, number[]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const SLIDERS = { kernel_size: [1, 5], stride: [1, 4], padding: [0, 3], dilation: [1, 3] }; // least and most

const QUIET = 400; // milliseconds without a change, after which a place is told to those who listen

/** @param {{ model: Model, el: HTMLElement }} where */
function render({ model, el }) {
  /** @type {Operation} */
  let setting;
  /** @type {ReturnType<typeof stageOf>} */
  let stage;
  let form = "";
  let waiting = 0;
  const body = make("div", { className: "body", role: "group", ariaLabel: "Explorer of a window and its arithmetic" });
  const says = make("div", { className: "says", ariaHidden: "true" });
  const heard = make("div", { className: "heard", role: "status" });
  const first = Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)]));
  const hint = matchMedia("(pointer: coarse)").matches
    ? "Tap the image or the map."
    : "Point at the image or at the map, or choose a place of the map with the arrow keys.";
  el.classList.add("explorer");
  el.append(body);

  function read(change = {}) {
    const { shape, values } = model.get("image");
    const kept = Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)]));
    return new Operation(/** @type {any} */ ({ ...kept, image: { shape, values: floats(values) }, ...change }));
  }

  /** @param {string} name @param {any} value */
  function write(name, value) {
    model.set(name, value);
    model.save_changes();
  }

  /** Shows a sentence at once, and tells it when no other follows.
   * @param {string} sentence */
  function say(sentence) {
    says.textContent = sentence;
    clearTimeout(waiting);
    waiting = setTimeout(() => (heard.textContent = sentence), QUIET);
  }

  const act = {
    choose(/** @type {number[]} */ ...wanted) {
      const place = wanted.map((each, axis) => clamp(each, 0, setting.size[axis] - 1));
      if (`${place}` !== `${model.get("place")}`) write("place", place);
    },
    pointAtImage(/** @type {number[]} */ ...pixel) {
      act.choose(...pixel.map((each, axis) => Math.round((each - (setting.span[axis] - 1) / 2) / setting.stride)));
    },
    step(/** @type {KeyboardEvent} */ event) {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      event.stopPropagation(); // in a slide show it would change the slide
      const [row, column] = model.get("place");
      act.choose(row + STEPS[event.key][0], column + STEPS[event.key][1]);
    },
    edit: (/** @type {number} */ channel) => (/** @type {number} */ i, /** @type {string} */ written) => {
      const number = numberIn(written);
      const why = refusal(number, written);
      if (why) {
        say(why);
        return why;
      }
      const kernel = structuredClone(model.get("kernel"));
      kernel[channel][Math.floor(i / setting.window[1])][i % setting.window[1]] = number;
      write("kernel", kernel);
      show(); // also where it is the old number again
      return "";
    },
    reset() {
      form = ""; // all is built anew, whatever stood in the fields
      for (const name of SETTINGS) model.set(name, first[name]);
      model.save_changes();
      update();
    },
  };

  const sliders = Object.entries(SLIDERS).map(([name, [min, max]]) => {
    const [input, shown] = [make("input", { type: "range", min }), make("span")];
    input.oninput = () => {
      const { misfit } = read({ [name]: input.valueAsNumber });
      if (!misfit) return write(name, input.valueAsNumber);
      load();
      say(misfit);
    };
    function load() {
      input.max = `${Math.max(max, model.get(name))}`;
      shown.textContent = input.value = `${model.get(name)}`;
    }
    return { name, node: make("label", {}, name === "kernel_size" ? "window" : name, input, shown), load };
  });
  const reset = make("button", { type: "button", textContent: "Reset", onclick: act.reset });
  const editable = first.kernel ? " You can write into the dashed boxes." : "";
  body.append(make("p", { className: "hint" }, hint, editable));
  body.append(make("div", { className: "settings" }, ...sliders.map(({ node }) => node), reset), heard);

  function update() {
    const next = read();
    if (next.misfit) return; // of several changes only some are there yet
    setting = next;
    const { operation, channels, window, pools } = setting;
    if (form !== (form = [operation, channels, window].join())) {
      stage?.node.remove();
      stage = stageOf(setting, says, act);
      body.append(stage.node);
      body.style.setProperty("--width", stage.width);
      for (const { name, node } of sliders) node.hidden = name === (pools ? "dilation" : "kernel_size");
    }
    sliders.forEach(({ load }) => load());
    stage.load(setting);
    fit();
    show();
  }

  /** Where the columns would be too small to be read, they stand below one another. */
  function fit() {
    body.classList.toggle("narrow", el.clientWidth > 0 && el.clientWidth < SMALLEST_LETTERS * stage.width);
  }

  function show() {
    act.choose(...model.get("place")); // moves it into the map, where that has become smaller
    const [row, column] = model.get("place");
    say(stage.show(setting, row, column));
  }

  body.onkeydown = (/** @type {any} */ event) => {
    const { key, target } = event;
    const turnsAPage = key.startsWith("Page"); // a clicker, and the slide that is to follow
    if (turnsAPage) event.preventDefault(); // a slider would move
    if (turnsAPage || ["Enter", "Escape"].includes(key)) target.blur(); // what was written counts, and the keys are the notebook's
    if (key === "Enter") target.focus(); // again, unless there is more to write
  };
  /** @type {[string, () => void][]} */
  const listeners = [["change:place", show]];
  for (const name of SETTINGS) listeners.push([`change:${name}`, update]);
  listeners.forEach((each) => model.on(...each));
  update();
  const watch = new ResizeObserver(fit);
  watch.observe(el);
  return () => {
    clearTimeout(waiting);
    watch.disconnect();
    listeners.forEach((each) => model.off(...each));
  };
}

/** The numbers of an image: from Python as bytes, from a page as a list.
 * @param {DataView | number[]} values */
function floats(values) {
  if (Array.isArray(values)) return Float64Array.from(values);
  return new Float64Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
}

/** An explorer on a page without a kernel, from the settings that explore.py wrote there.
 * @param {HTMLElement} el @param {Record<string, any>} settings */
export function alone(el, settings) {
  /** @type {Record<string, any>} */
  const values = { place: [0, 0], ...settings };
  const events = new EventTarget();
  const model = {
    get: (/** @type {string} */ name) => values[name],
    set(/** @type {string} */ name, /** @type {any} */ value) {
      values[name] = value;
      events.dispatchEvent(new Event(`change:${name}`));
    },
    on: (/** @type {string} */ event, /** @type {() => void} */ tell) => events.addEventListener(event, tell),
    off: (/** @type {string} */ event, /** @type {() => void} */ tell) => events.removeEventListener(event, tell),
    save_changes() {}, // there is nobody to tell
  };
  return render({ model, el });
}

export default { render };
