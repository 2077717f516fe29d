import { parseAccept } from "hono/utils/accept";
import { type Catalogues, type Text, textFor } from "../../text/text.ts";

/** Longer than any browser sends; what is beyond is not looked at. */
const LONGEST = 500;

/** The catalogue for somebody who has not signed in, by the languages that their browser asks for. */
export function textOfStranger(headers: Headers, catalogues: Catalogues): Text {
  const accepted = parseAccept((headers.get("accept-language") ?? "").slice(0, LONGEST));
  return textFor(
    accepted.filter(({ q }) => q > 0).map(({ type }) => type),
    catalogues,
  );
}
