import { commands } from "../../text/en/commands.ts";

/** How far work is, on a terminal and nowhere else. */
export type ProgressBar = { show(done: number, total: number): void; clear(): void };

const WIDTH = 30;

/** A bar on one line, which `clear` takes away before anything else is printed. */
export function progressBar(stream: Pick<NodeJS.WriteStream, "isTTY" | "write">): ProgressBar {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  return {
    show: (done, total) => {
      const share = total === 0 ? 1 : done / total;
      const filled = Math.round(share * WIDTH);
      const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
      stream.write(`\r${bar} ${commands.progress(Math.floor(share * 100), total)}`);
    },
    clear: () => stream.write("\r\u001b[K"),
  };
}
