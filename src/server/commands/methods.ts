import { waysIn } from "../../auth.ts";
import { commands } from "../../text/en/commands.ts";
import { en } from "../../text/en.ts";
import { readSettings } from "../settings.ts";
import { type Command, printRows, readWords } from "./command.ts";

export const methods: Command = {
  name: ["methods"],
  usage: "countersign methods [--json]",
  help: commands.methods.help,
  run: async (words) => {
    const { values } = readWords(words, { json: { type: "boolean", default: false } });
    const rules = en.methods.rules(readSettings().trustDays);
    printRows(
      waysIn().map((way) => {
        const { method, gives, at } = way;
        const { assurance, factors } = way.gives === "session" ? way : { assurance: null, factors: null };
        return { method, gives, assurance, factors, at, rule: rules[method] };
      }),
      values.json,
    );
    return 0;
  },
};
