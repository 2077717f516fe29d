// What our pages and our server use besides the public API, and what may change in any release: `countersign/internal`.

export { type Auth as Engine, createAuth as createEngine } from "./auth.ts";
export { runEngine } from "./embed/run.ts";
export { createApp } from "./web/app.ts";
