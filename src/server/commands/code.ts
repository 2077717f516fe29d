import { decodeBase32 } from "../../crypto/base32.ts";
import { DEFAULT_PARAMETERS, totp } from "../../crypto/totp.ts";
import { commands } from "../../text/en/commands.ts";
import { type Command, readWords, UsageError } from "./command.ts";

export const code: Command = {
  name: ["code"],
  usage: "countersign code SECRET",
  help: commands.code.help,
  run: async (words) => {
    const { positionals } = readWords(words, {}, 8);
    const typed = positionals.join("");
    const secret = decodeBase32(typed);
    if (typed === "" || secret === undefined || secret.length < 10) throw new UsageError(commands.code.secret);
    console.log(totp(secret, Date.now(), DEFAULT_PARAMETERS));
    return 0;
  },
};
