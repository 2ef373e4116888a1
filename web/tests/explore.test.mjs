// The arithmetic of the explorer and its reading of numbers, without a browser: node --test web/tests/explore.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const source = readFileSync(new URL("../../lessonlib/explore.js", import.meta.url), "utf8");
const { Operation, numberIn, refusal, text } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const image = (channels, height, width, value = (i) => i) => ({
  shape: [channels, height, width],
  values: Float64Array.from({ length: channels * height * width }, (_, i) => value(i)),
});
const setting = (changes = {}) =>
  new Operation({
    image: image(1, 3, 4),
    kernel: [
      [
        [0, 1],
        [2, 3],
      ],
    ],
    ...{ stride: 1, padding: 0, dilation: 1, operation: "convolution" },
    ...changes,
  });

test("a map holds a number for each place of the window", () => {
  const small = setting();
  assert.deepEqual(small.size, [2, 3]);
  assert.deepEqual([...small.maps()[0]], [24, 30, 36, 48, 54, 60]);
  assert.deepEqual(small.patch(0, 1, 2), [6, 7, 10, 11]);
  assert.deepEqual(small.products(0, 1, 2), [0, 7, 20, 33]);
});

test("stride, padding and dilation change the size as in the lessons", () => {
  const size = (changes) => setting({ image: image(1, 9, 7), ...changes }).size;
  assert.deepEqual(size({ stride: 2 }), [4, 3]);
  assert.deepEqual(size({ padding: 1 }), [10, 8]);
  assert.deepEqual(size({ dilation: 3 }), [6, 4]);
  assert.deepEqual(size({ stride: 3, padding: 2, dilation: 2 }), [4, 3]);
});

test("a window that does not fit says so", () => {
  assert.match(setting({ dilation: 5 }).misfit, /would span 6 x 6 pixels, and the padded image has 3 x 4/);
  assert.match(setting({ operation: "max", kernel: null, kernel_size: 2, padding: 2 }).misfit, /half of the window/);
  assert.equal(setting().misfit, "");
});

test("channels are summed by a convolution and kept apart by a pooling", () => {
  const kernel = [
    [
      [1, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 1],
    ],
  ];
  assert.deepEqual([...setting({ image: image(2, 2, 3), kernel }).maps()[0]], [0 + 10, 1 + 11]);
  const pooled = setting({
    image: image(2, 2, 4, (i) => -i),
    kernel: null,
    kernel_size: 2,
    stride: 2,
    operation: "max",
  });
  assert.deepEqual(
    pooled.maps().map((map) => [...map]),
    [
      [0, -2],
      [-8, -10],
    ],
  );
  const means = setting({ image: image(1, 2, 4), kernel: null, kernel_size: 2, stride: 2, operation: "average" });
  assert.deepEqual([...means.maps()[0]], [2.5, 4.5]);
});

test("the padding of a max pooling is never the largest", () => {
  const pooled = setting({
    image: image(1, 2, 2, () => -5),
    kernel: null,
    kernel_size: 2,
    stride: 2,
    padding: 1,
    operation: "max",
  });
  assert.deepEqual([...pooled.maps()[0]], [-5, -5, -5, -5]);
});

test("numbers are read as people write them", () => {
  const read = {
    "-2": -2,
    "\u22122": -2,
    "3,5": 3.5,
    " .5 ": 0.5,
    "1e-9": 1e-9,
    "+4": 4,
    "2.": 2,
    "1/2": 0.5,
    "-1 / 0,5": -2,
    "2*3": 6,
    "1/2/3": 1 / 6,
  };
  for (const [written, value] of Object.entries(read)) assert.equal(numberIn(written), value, written);
  for (const written of ["", "two", "1/", "2*", "--1", "1,2,3", "NaN", "Infinity", "0x10"])
    assert.ok(Number.isNaN(numberIn(written)), written);
});

test("what can't stand in a kernel is refused with a reason", () => {
  assert.match(refusal(numberIn("two"), "two"), /"two" is no number/);
  assert.match(refusal(numberIn("1/0"), "1/0"), /"1\/0" is no number/);
  assert.match(refusal(numberIn("1e308"), "1e308"), /too large/);
  assert.equal(refusal(0.125, "0.125"), "");
});

test("small and large values are shown by a power of ten", () => {
  assert.deepEqual(
    [text(0, 2, true), text(1e-9, 2, true), text(-0.004, 2), text(0.125, 2), text(1e12, 0), text(-Infinity, 0)],
    ["0.00", "1.0e-9", "0.00", "0.13", "1.0e12", "-∞"],
  );
});
