// For tests of applications that embed the engine: `countersign/testing`.

export { codeFor, createTestAuth, type TestAuth } from "./auth.ts";
export { type Browser, type BrowserOptions, createBrowser, type Fetcher, type Page } from "./browser.ts";
export { type Clock, fixedClock } from "./clock.ts";
