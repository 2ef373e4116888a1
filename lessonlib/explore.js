// Which pixels, with which weights, make this one number? First the arithmetic, then how it is shown.
// All of it happens in the browser, so that the image follows the mouse; explore.py checks what comes in.

const SETTINGS = ["image", "kernel", "stride", "padding", "dilation", "operation"];

/** One setting: how large its map is, what the window covers at a place of the map, and what it answers there. */
export class Operation {
  constructor({ image: { shape, values }, ...setting }) {
    Object.assign(this, setting, { values });
    [this.channels, this.height, this.width] = shape;
    this.pools = this.operation !== "convolution";
    this.window = this.pools ? [this.kernel, this.kernel] : [this.kernel[0].length, this.kernel[0][0].length];
    this.weights = this.pools ? [] : this.kernel.map((rows) => rows.flat());
    this.span = this.window.map((side) => this.dilation * (side - 1) + 1);
    this.room = [this.height, this.width].map((side) => side + 2 * this.padding);
    this.size = this.room.map((side, axis) => Math.floor((side - this.span[axis]) / this.stride) + 1);
  }

  /** Why there is no such map, or "" where there is one. */
  get misfit() {
    const [span, room] = [this.span, this.room].map((sides) => sides.join(" x "));
    if (this.span.some((side, axis) => side > this.room[axis]))
      return `The window would span ${span} pixels, and the padded image has ${room}.`;
    return this.pools && 2 * this.padding > this.kernel ? "The padding is half of the window at most." : "";
  }

  /** A pixel of the padded image. */
  pixel(channel, y, x) {
    y -= this.padding;
    x -= this.padding;
    if (y < 0 || x < 0 || y >= this.height || x >= this.width) return this.operation === "max" ? -Infinity : 0;
    return this.values[(channel * this.height + y) * this.width + x];
  }

  /** One channel with its padding, row after row. */
  padded(channel) {
    const [height, width] = this.room;
    return new Float64Array(height * width).map((_, i) => this.pixel(channel, Math.floor(i / width), i % width));
  }

  /** The pixels under the window, row after row. */
  patch(channel, row, column) {
    const [top, left, pixels] = [row * this.stride, column * this.stride, []];
    for (let i = 0; i < this.window[0]; i++)
      for (let j = 0; j < this.window[1]; j++)
        pixels.push(this.pixel(channel, top + i * this.dilation, left + j * this.dilation));
    return pixels;
  }

  products(channel, row, column) {
    return this.patch(channel, row, column).map((pixel, i) => pixel * this.weights[channel][i]);
  }

  /** What one channel answers at a place: the sum of the products, the largest pixel, or the mean. */
  answer(channel, row, column) {
    if (!this.pools) return sum(this.products(channel, row, column));
    const pixels = this.patch(channel, row, column);
    return this.operation === "max" ? Math.max(...pixels) : sum(pixels) / pixels.length;
  }

  /** The maps, row after row: a convolution sums over the channels, pooling has a map for each. */
  maps() {
    const [rows, columns] = this.size;
    const maps = range(this.pools ? this.channels : 1).map(() => new Float64Array(rows * columns));
    for (let channel = 0; channel < this.channels; channel++)
      for (let i = 0; i < rows * columns; i++)
        maps[this.pools ? channel : 0][i] += this.answer(channel, Math.floor(i / columns), i % columns);
    return maps;
  }
}

const range = (count) => [...Array(count).keys()];
const sum = (values) => values.reduce((total, value) => total + value, 0);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// Colours by role, as in lessonlib/figures: gray, and eleven steps each of PuOr_r and viridis.
const ramp = (codes) => codes.split(" ").map((code) => [1, 3, 5].map((i) => parseInt(code.slice(i, i + 2), 16)));
const IMAGE = ramp("#000000 #ffffff");
const SIGNED = ramp("#2d004b #532687 #8073ac #b1aad1 #d8daeb #f7f7f6 #fee0b6 #fcb761 #e08214 #b25706 #7f3b08");
const FEATURES = ramp("#440154 #482475 #414487 #355f8d #2a788e #21918c #22a884 #44bf70 #7ad151 #bddf26 #fde725");
const BORDER = [222, 222, 222]; // what max pooling never chooses
const MARK = "#c2185b"; // boxes that say: look here

/** How values are shown: their colours, the values at both ends of these, and the digits after the point. */
function styleOf(values, colours) {
  const signed = colours === SIGNED || values.some((value) => value < 0);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const high = colours === IMAGE && !signed ? Math.max(largest, 1) : largest;
  const small = Math.max(2, 1 - Math.floor(Math.log10(largest))); // two digits of the largest, at least
  const digits = values.every((value) => value % 1 === 0) ? 0 : small;
  return { colours: signed ? SIGNED : colours, low: signed ? -high : 0, high, digits };
}

function shade({ colours, low, high }, value) {
  if (value === -Infinity) return BORDER;
  const place = clamp((value - low) / (high - low), 0, 1) * (colours.length - 1);
  const step = Math.min(Math.floor(place), colours.length - 2);
  const [from, to, part] = [colours[step], colours[step + 1], place - step];
  return from.map((each, i) => each + part * (to[i] - each));
}

const ink = ([red, green, blue]) => (0.299 * red + 0.587 * green + 0.114 * blue > 127 ? "black" : "white");
const MOST_DIGITS = 6; // after the point
const LARGEST = 1e9; // of what may be written into a field: the products stay exact enough to be read

/** A value as it is shown: so many digits after the point, or a power of ten where these would not tell it. What
 * was written by hand is never shown as 0 unless it is: what was computed may be, as 0.1 + 0.2 - 0.3. */
export function text(value, digits, written = false) {
  if (value === -Infinity) return "-∞";
  const size = Math.abs(value);
  const tiny = size > 0 && size < 0.5 * 10 ** -digits;
  if (size >= 1e6 || (size && digits > MOST_DIGITS) || (written && tiny))
    return value.toExponential(1).replace("e+", "e");
  return value.toFixed(digits).replace(/^-(?=[0.]+$)/, "");
}

/** The number that somebody wrote, with the minus of a book and the comma of a language too; NaN if it is none. */
export function numberIn(written) {
  const plain = written.trim().replace(/[\u2212\u2013]/, "-").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/** Why a number can't stand in a kernel, or "" where it can. */
export function refusal(number, written) {
  if (Number.isNaN(number)) return `"${written}" is no number: write one such as -2 or 0.5.`;
  return Math.abs(number) > LARGEST ? `${written} is too large: the largest is ${LARGEST.toExponential(0).replace("e+", "e")}.` : "";
}

const longest = (texts) => Math.max(...texts.map((each) => each.length));

// All measures are in em, and the em follows the width that there is: a projector shows the same, larger.
const CELL = 2.6;
const SMALLEST_LETTERS = 14; // pixels
const STYLE = `
.explorer { container-type: inline-size; color: #202020; background: white; }
.explorer .body { font-family: "DejaVu Sans", var(--jp-ui-font-family, sans-serif); line-height: 1.3; padding: 0.4em;
  font-size: clamp(14px, calc(100cqw / var(--width)), 17px); font-variant-numeric: tabular-nums; }
.explorer .settings { display: flex; flex-wrap: wrap; gap: 0.3em 2.5em; margin-bottom: 0.6em; }
.explorer label:not([hidden]) { display: flex; align-items: center; gap: 0.5em; }
.explorer input[type="range"] { width: 7em; accent-color: ${MARK}; }
.explorer .stage { display: inline-grid; gap: 0.4em 0.8em; align-items: center; justify-items: center; }
.explorer .numbers { display: grid; gap: 1px; grid-auto-rows: var(--cell); }
.explorer .numbers > * { box-sizing: border-box; width: 100%; min-width: 0; margin: 0; padding: 0; border: 0;
  display: grid; place-items: center; overflow: hidden; font: inherit; font-size: var(--font); text-align: center; }
.explorer .column { display: contents; }
.explorer .narrow .stage { display: flex; flex-wrap: wrap; }
.explorer .narrow .column { display: grid; gap: 0.4em; align-items: center; justify-items: center; }
.explorer .narrow .column > *, .explorer .narrow .says { grid-area: auto !important; }
.explorer .narrow .says { flex-basis: 100%; }
.explorer .narrow .names { display: none; }
.explorer .narrow .image { order: -2; }
.explorer .narrow .map { order: -1; }
.explorer .numbers input { outline: 1px dashed #8a8a8a; outline-offset: -3px; }
.explorer canvas { display: block; cursor: crosshair; max-width: 100%; touch-action: pan-y pinch-zoom; }
.explorer .body :focus-visible { outline: 3px solid ${MARK}; outline-offset: 1px; z-index: 1; }
.explorer .chosen { box-shadow: inset 0 0 0 3px ${MARK}; }
.explorer .total { border-top: 2px solid; padding-top: 3px; }
.explorer .says { justify-self: start; width: 0; min-width: 100%; }
`;

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.dataset.lmSuppressShortcuts = ""; // while it has the focus, JupyterLab leaves the keys alone
  node.append(...children);
  return node;
}

/** A field for a number. While it has the focus it shows all digits; the arrow keys add 1 or, with Shift, 0.1. */
function field(name, write) {
  const node = make("input", { type: "text", inputMode: "decimal", ariaLabel: name, autocomplete: "off" });
  const showAll = () => (node.value = node.dataset.value);
  node.onfocus = () => {
    showAll();
    node.select();
  };
  node.onblur = () => (node.value = node.dataset.shown);
  node.onchange = () => write(node.value);
  node.onkeydown = (event) => {
    const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const value = numberIn(node.value);
    if (!sign || Number.isNaN(value)) return;
    event.preventDefault();
    write(`${Number((value + sign * (event.shiftKey ? 0.1 : 1)).toPrecision(12))}`);
    showAll();
  };
  return node;
}

/** A block of numbers, each in its cell; those of a kernel are fields to write in. */
function numbers([rows, columns], label, edit) {
  const cell = Math.min(CELL, 13 / Math.max(rows, columns));
  const cells = range(rows * columns).map((i) => {
    if (!edit) return make("div");
    const name = `${label}, row ${Math.floor(i / columns)}, column ${i % columns}`;
    return field(name, (written) => edit(i, written));
  });
  const node = make("div", { className: "numbers", role: "group", ariaLabel: label }, ...cells);
  node.style.cssText = `--cell: ${cell}em; grid-template-columns: repeat(${columns}, ${cell}em)`;

  function fill(values, style, chosen = -1) {
    const texts = [...values].map((value) => text(value, style.digits, Boolean(edit)));
    const font = Math.min(1, (1.5 * cell) / longest(texts)); // in DejaVu Sans a digit is 0.64 em wide
    node.style.setProperty("--font", `${font}em`);
    cells.forEach((each, i) => {
      const colour = shade(style, values[i]);
      if (edit) {
        Object.assign(each.dataset, { value: values[i], shown: texts[i] });
        if (each !== document.activeElement) each.value = texts[i];
      } else each.textContent = texts[i];
      each.className = i === chosen ? "chosen" : "";
      each.style.background = `rgb(${colour})`;
      each.style.color = font < 0.4 ? "transparent" : ink(colour); // colours alone, where no digit can be read
    });
  }
  return { node, fill };
}

/** An image or map on a canvas, a square for each number; point(row, column) hears where the pointer is. */
function plane(label, box, point) {
  const node = make("canvas", { role: "img", ariaLabel: label });
  const [context, still] = [node.getContext("2d"), make("canvas")]; // still: all but the frames, which move
  let rows, columns, unit, line; // unit: a square, line: an em, both in pixels of the canvas
  // A mouse that hovers, a finger that is drawn along a row, and a tap; drawn up or down, the finger scrolls the page.
  node.onclick = node.onpointermove = (event) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const [y, x] = [((event.clientY - top) / height) * rows, ((event.clientX - left) / width) * columns];
    point(clamp(Math.floor(y), 0, rows - 1), clamp(Math.floor(x), 0, columns - 1));
  };

  function load(size, values, style, padding = 0) {
    [rows, columns] = size;
    const em = Math.min(CELL, box / Math.max(rows, columns)); // a square on the screen
    unit = Math.max(1, Math.round(36 * em));
    line = unit / em;
    [node.width, node.height] = [still.width, still.height] = [columns * unit, rows * unit];
    [node.style.width, node.style.height] = [`${columns * em}em`, `${rows * em}em`];
    const small = make("canvas", { width: columns, height: rows });
    const pixels = new ImageData(columns, rows);
    values.forEach((value, i) => {
      pixels.data.set(shade(style, value), 4 * i);
      pixels.data[4 * i + 3] = 255;
    });
    small.getContext("2d").putImageData(pixels, 0, 0);
    const pen = still.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, still.width, still.height);
    Object.assign(pen, { strokeStyle: MARK, lineWidth: 0.08 * line, textAlign: "center", textBaseline: "middle" });
    pen.setLineDash([0.3 * line, 0.2 * line]); // where the image ends and its padding begins
    const inner = [padding, padding, columns - 2 * padding, rows - 2 * padding].map((squares) => squares * unit);
    if (padding) pen.strokeRect(...inner);
    const texts = em < 1 ? [] : [...values].map((value) => text(value, style.digits));
    const font = Math.min(0.45, 1.5 / longest(texts)); // of a square
    if (font * em < 0.6) return;
    pen.font = `${font * unit}px "DejaVu Sans", sans-serif`;
    texts.forEach((each, i) => {
      pen.fillStyle = ink(shade(style, values[i]));
      pen.fillText(each, ((i % columns) + 0.5) * unit, (Math.floor(i / columns) + 0.5) * unit);
    });
  }

  /** frames: each [row, column, height, width] in squares; the first is bold, and large enough to be found. */
  function draw(frames) {
    context.drawImage(still, 0, 0);
    frames.forEach(([row, column, ...size], i) => {
      const [height, width] = size.map((side) => Math.max(side * unit, i ? 0 : 0.5 * line));
      const [x, y] = [(column + size[1] / 2) * unit - width / 2, (row + size[0] / 2) * unit - height / 2];
      for (const [strokeStyle, thickness] of [["white", 0.3], [MARK, 0.18]]) {
        Object.assign(context, { strokeStyle, lineWidth: (i ? 0.5 : 1) * thickness * line });
        context.strokeRect(x, y, width, height);
      }
    });
  }
  return { node, load, draw };
}

const ANSWER = { convolution: "sum", max: "largest", average: "mean" };

/** All that shows a setting, in columns from the image to the map; act holds what the hand can do. */
function stageOf({ operation, channels, window, pools }, says, act) {
  const many = channels > 1;
  const adds = many && !pools; // one sum over the channels
  const names = channels === 3 ? ["red", "green", "blue"] : range(channels).map((channel) => `channel ${channel}`);
  const row = (build) => names.map((name, channel) => build(many ? ` of ${name}` : "", channel));
  const words = (texts) => texts.map((textContent) => ({ node: make("div", { textContent }) }));
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
  columns.forEach(([head, parts], column) => {
    const cells = [make("div", {}, head), ...parts.map((part) => part.node)];
    cells.forEach((each, i) => {
      each.style.gridArea = `${i + 1} / ${column + 1} / span ${i && parts.length === 1 ? channels : 1}`;
    });
    node.append(make("div", { className: `column ${roles.get(head) ?? ""}` }, ...cells));
  });

  let image, kernel, product, map; // how each is shown

  /** Shows what is the same at every place. */
  function load(setting) {
    const { values, weights, padding, room, size } = setting;
    const results = setting.maps();
    image = styleOf(values, pools ? FEATURES : IMAGE);
    map = pools ? { ...image, digits: operation === "average" ? 2 : image.digits } : styleOf(results[0], SIGNED);
    kernel = styleOf(weights.flat(), SIGNED);
    const high = image.high * kernel.high;
    product = { colours: SIGNED, low: -high, high, digits: Math.max(image.digits, kernel.digits) };
    images.forEach(({ load }, channel) => load(room, setting.padded(channel), image, padding));
    results.forEach((each, channel) => maps[channel].load(size, each, map));
    weights.forEach((each, channel) => kernels[channel].fill(each, kernel));
    heads.image.textContent = `image ${setting.height} x ${setting.width}`;
    heads.map.textContent = `map ${size.join(" x ")}`;
    maps.forEach(({ node }) => (node.ariaLabel = `map of ${size.join(" x ")}: the arrow keys choose a place`));
  }

  /** Shows one place, and returns it in words. */
  function show(setting, row, column) {
    const { stride, dilation, span } = setting;
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
    const results = found.map((value) => text(value, map.digits)).join(adds ? " + " : ", ").replaceAll("+ -", "- ");
    const end = adds ? ` = ${text(sum(found), map.digits)}` : "";
    const what = pools ? `${count} pixels` : `${count * channels} products`;
    return `row ${row}, column ${column}: the ${ANSWER[operation]} of ${what} is ${results}${end}`;
  }
  says.style.gridArea = `${channels + 2} / 1 / auto / span ${columns.length - (adds ? 2 : 0)}`;
  node.append(says);
  const width = (many ? 12 : 18) + 18 + (pools ? 1 : 3) * Math.min(CELL * window[1], 13) + (pools ? 8 : 14); // em
  return { node, width, load, show };
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const SLIDERS = [["kernel", 1, 5], ["stride", 1, 4], ["padding", 0, 3], ["dilation", 1, 3]]; // least and most

function render({ model, el }) {
  let setting, stage, form;
  const body = make("div", { className: "body", role: "group", ariaLabel: "Explorer of a window and its arithmetic" });
  const says = make("div", { className: "says", role: "status" });
  el.classList.add("explorer");
  el.append(make("style", { textContent: STYLE }), body);

  function read(change = {}) {
    const { shape, values } = model.get("image");
    const bytes = values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength);
    const kept = Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)]));
    return new Operation({ ...kept, image: { shape, values: new Float64Array(bytes) }, ...change });
  }

  function write(name, value) {
    model.set(name, value);
    try {
      model.save_changes();
    } catch {} // a saved page has no kernel to tell
  }

  const act = {
    choose(...place) {
      place = place.map((each, axis) => clamp(each, 0, setting.size[axis] - 1));
      if (`${place}` !== `${model.get("place")}`) write("place", place);
    },
    pointAtImage(...pixel) {
      act.choose(...pixel.map((each, axis) => Math.round((each - (setting.span[axis] - 1) / 2) / setting.stride)));
    },
    step(event) {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      act.choose(...model.get("place").map((each, axis) => each + STEPS[event.key][axis]));
    },
    edit: (channel) => (i, written) => {
      const number = numberIn(written);
      const why = refusal(number, written);
      if (why) {
        stage.load(setting); // the old one comes back
        says.textContent = why;
        return;
      }
      const kernel = structuredClone(model.get("kernel"));
      kernel[channel][Math.floor(i / setting.window[1])][i % setting.window[1]] = number;
      write("kernel", kernel);
    },
  };

  const sliders = SLIDERS.map(([name, min, max]) => {
    const [input, shown] = [make("input", { type: "range", min }), make("span")];
    input.oninput = () => {
      const { misfit } = read({ [name]: input.valueAsNumber });
      if (!misfit) return write(name, input.valueAsNumber);
      load();
      says.textContent = misfit;
    };
    function load() {
      input.max = Math.max(max, model.get(name));
      shown.textContent = input.value = model.get(name);
    }
    return { name, node: make("label", {}, name === "kernel" ? "window" : name, input, shown), load };
  });
  body.append(make("div", { className: "settings" }, ...sliders.map(({ node }) => node)));

  function update() {
    setting = read();
    const { operation, channels, window, pools } = setting;
    if (form !== (form = [operation, channels, window].join())) {
      stage?.node.remove();
      stage = stageOf(setting, says, act);
      body.append(stage.node);
      body.style.setProperty("--width", stage.width);
      for (const { name, node } of sliders) node.hidden = name === (pools ? "dilation" : "kernel");
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
    says.textContent = stage.show(setting, ...model.get("place"));
  }

  body.onkeydown = ({ key, target }) => {
    if (["Enter", "Escape"].includes(key)) target.blur(); // what was written counts, and the keys are the notebook's
    if (key === "Enter") target.focus(); // again, unless there is more to write
  };
  const listeners = [["change:place", show], ...SETTINGS.map((name) => [`change:${name}`, update])];
  listeners.forEach((each) => model.on(...each));
  update();
  const watch = new ResizeObserver(fit);
  watch.observe(el);
  return () => {
    watch.disconnect();
    listeners.forEach((each) => model.off(...each));
  };
}

export default { render };
