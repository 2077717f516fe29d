// Every command there is, in the order of the overview.

import { check } from "./check.ts";
import { code } from "./code.ts";
import type { Command } from "./command.ts";
import { eventCommands } from "./events.ts";
import { methods } from "./methods.ts";
import { migrate } from "./migrate.ts";
import { serve } from "./serve.ts";
import { userCommands } from "./users.ts";

export const COMMANDS: readonly Command[] = [serve, ...userCommands, ...eventCommands, methods, code, check, migrate];
