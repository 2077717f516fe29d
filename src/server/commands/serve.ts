import { type Command, readWords } from "./command.ts";

export const serve: Command = {
  name: ["serve"],
  usage: "countersign serve",
  help: "Serves the pages until it is told to stop.\nSettings come from the environment: see docs/settings.md.",
  run: async (words) => {
    readWords(words, {});
    const { serve: start } = await import("../serve.ts");
    await start();
    // All is closed; only a mail server that was given up on could still hold a connection open, until it times out.
    process.exit(0);
  },
};
