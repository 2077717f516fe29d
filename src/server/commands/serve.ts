import { commands } from "../../text/en/commands.ts";
import { type Command, readWords } from "./command.ts";

export const serve: Command = {
  name: ["serve"],
  usage: "countersign serve",
  help: commands.serve.help,
  run: async (words) => {
    readWords(words, {});
    const { serve: start } = await import("../serve.ts");
    await start();
    // All is closed; only a mail server that was given up on could still hold a connection open, until it times out.
    process.exit(0);
  },
};
