// Run by browser.ts in a process of its own, with a temporary folder of its own.

import chromium from "@sparticuz/chromium";

await chromium.executablePath();
