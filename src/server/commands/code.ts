import { decodeBase32 } from "../../crypto/base32.ts";
import { DEFAULT_PARAMETERS, totp } from "../../crypto/totp.ts";
import { type Command, readWords, UsageError } from "./command.ts";

export const code: Command = {
  name: ["code"],
  usage: "countersign code SECRET",
  help: "Prints the current verification code of a two-factor secret.\nTo try the product without a phone. Spaces in the secret do not matter if it is quoted.",
  run: async (words) => {
    const { positionals } = readWords(words, {}, 8);
    const typed = positionals.join("");
    const secret = decodeBase32(typed);
    if (typed === "" || secret === undefined || secret.length < 10)
      throw new UsageError("Give the secret in base32, as the page shows it");
    console.log(totp(secret, Date.now(), DEFAULT_PARAMETERS));
    return 0;
  },
};
