#!/usr/bin/env node
// Plain JavaScript without newer syntax: the releases of Node.js that it turns away must be able to read it.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as modules from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const version = process.versions.node.split(".").map(Number);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (version[0] > 24 || (version[0] === 24 && version[1] >= 15)) {
  start();
} else {
  const runtime = findRuntime();
  if (runtime === undefined) {
    console.error(
      `Countersign needs Node.js 24.15 or newer, and this is ${process.versions.node}. Please install one.`,
    );
    process.exitCode = 2;
  } else {
    startWith(runtime);
  }
}

function start() {
  // Not the shared temporary folder, where others could leave code for us.
  modules.enableCompileCache(join(root, ".cache", "compile"));
  const bundle = new URL("../dist/server.js", import.meta.url);
  const source = new URL("../src/server/main.ts", import.meta.url);
  void import(existsSync(bundle) ? bundle.href : source.href);
}

/** The Node.js that a checkout of this repository brings along; another than the one that runs now. */
function findRuntime() {
  try {
    const manifest = modules
      .createRequire(import.meta.url)
      .resolve(`node-${process.platform}-${process.arch}/package.json`);
    const runtime = join(dirname(manifest), "bin", "node");
    return existsSync(runtime) && runtime !== process.execPath ? runtime : undefined;
  } catch (_) {
    return undefined;
  }
}

function startWith(runtime) {
  const child = spawn(runtime, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), { stdio: "inherit" });
  // A supervisor knows this process alone, so what it asks for must reach the other. Ctrl-C reaches both by itself.
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
