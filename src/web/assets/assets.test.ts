import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { assetUrl, findAsset } from "./assets.ts";

const names = ["style.css", "enhance.js", "favicon.svg"] as const;

test("a path names the content, so a browser may keep it for ever", () => {
  for (const name of names) {
    const asset = findAsset(assetUrl(name), undefined);
    assert.ok(asset);
    const [, hash] = /-([0-9a-f]{10})\./.exec(assetUrl(name)) ?? [];
    assert.equal(createHash("sha256").update(asset.body).digest("hex").slice(0, 10), hash);
    assert.equal(asset.headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(asset.headers["content-length"], String(asset.body.byteLength));
  }
});

test("only a browser that takes gzip gets gzip", () => {
  for (const accepted of ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8", "deflate,gzip"]) {
    const asset = findAsset(assetUrl("style.css"), accepted);
    assert.equal(asset?.headers["content-encoding"], "gzip", accepted);
    assert.deepEqual(new Uint8Array(gunzipSync(asset.body)), findAsset(assetUrl("style.css"), "")?.body);
  }
  for (const refused of [undefined, "", "br", "identity", "gzip;q=0", "gzip; q=0.0, br", "xgzip"]) {
    assert.equal(findAsset(assetUrl("style.css"), refused)?.headers["content-encoding"], undefined, refused);
  }
});

test("nothing else is an asset", () => {
  for (const path of ["/assets/style.css", "/assets/", "/assets/../style.css", "/assets/assets.ts", "/style.css", ""]) {
    assert.equal(findAsset(path, "gzip"), undefined, path);
  }
});

test("what a first visit loads besides the page is under 8 KB", () => {
  const sizes = names.map((name) => findAsset(assetUrl(name), "gzip")?.body.byteLength ?? 0);
  const total = sizes.reduce((sum, size) => sum + size);
  assert.ok(total < 8 * 1024, `${total} bytes`);
});
