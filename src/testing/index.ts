// For tests of applications that embed the engine: `countersign/testing`.

// biome-ignore lint/performance/noBarrelFile: the entry of the package's second export
export { codeFor, createTestAuth, type TestAuth } from "./auth.ts";
export { type Browser, type BrowserOptions, createBrowser, type Fetcher, type Page } from "./browser.ts";
export { type Clock, fixedClock } from "./clock.ts";
