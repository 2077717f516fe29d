// bare-node.js as a contestant.

import { join } from "node:path";
import type { Program } from "../support/servers.ts";

export const BARE = "bare Node.js";

/** Opens a database of Countersign's and looks a session up for each request. */
export function lookUp(database: string): Program {
  return { words: [SCRIPT, "look-up", database], ready: "/" };
}

/** Sends the same head (a JSON file) and body for each request. */
export function constant(headFile: string, bodyFile: string): Program {
  return { words: [SCRIPT, "page", headFile, bodyFile], ready: "/" };
}

const SCRIPT = join(import.meta.dirname, "bare-node.js");
