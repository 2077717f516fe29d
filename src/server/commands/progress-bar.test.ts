import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { progressBar } from "./progress-bar.ts";

/** A terminal, or a pipe, that keeps what is written. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) > 0 };
}

describe("a progress bar", () => {
  test("fills up on one line of a terminal, and leaves nothing behind", () => {
    const terminal = stream(true);
    const bar = progressBar(terminal);
    for (const done of [0, 1_000, 2_000, 4_000]) bar.show(done, 4_000);
    assert.deepEqual(
      terminal.written.map((line) => [line.replace(/[^█]/g, "").length, /\d+ %/.exec(line)?.[0]]),
      [
        [0, "0 %"],
        [8, "25 %"],
        [15, "50 %"],
        [30, "100 %"],
      ],
    );
    assert.ok(terminal.written.every((line) => line.startsWith("\r") && !line.includes("\n")));
    bar.clear();
    assert.equal(terminal.written.at(-1), "\r\u001b[K");
  });

  test("writes nothing into a file or a pipe", () => {
    const pipe = stream(false);
    const bar = progressBar(pipe);
    bar.show(1, 2);
    bar.clear();
    assert.deepEqual(pipe.written, []);
  });
});
