// What a measurement is, for run.ts and the measurements themselves.

import type { Cores } from "./cores.ts";
import type { Result } from "./report.ts";

/** Where a measurement takes place: a folder of its own, and the cores. */
export type Place = { folder: string; cores: Cores | undefined };

export type Measurement = (place: Place) => Promise<Result>;
