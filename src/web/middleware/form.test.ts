import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Problem } from "../answer.ts";
import { readForm } from "./form.ts";

const TYPE = "application/x-www-form-urlencoded";

type Body = NonNullable<RequestInit["body"]>;

function request(body: Body, headers: Record<string, string> = { "content-type": TYPE }): Request {
  const stream = body instanceof ReadableStream ? { duplex: "half" as const } : {};
  return new Request("http://localhost/", { method: "POST", body, headers, ...stream });
}

async function statusOf(body: Body, headers?: Record<string, string>): Promise<number> {
  try {
    await readForm(request(body, headers));
    return 200;
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return error.status;
  }
}

describe("a form", () => {
  test("reads as the fields that a browser sends, whatever is in them", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 30 }).map((value) => value.replaceAll("\0", ""));
    const fields = fc.dictionary(text, text, { maxKeys: 20 });
    await fc.assert(
      fc.asyncProperty(fields, async (given) => {
        const entries = Object.entries(given).filter(([name, value]) => name !== "" || value !== "");
        const form = await readForm(request(new URLSearchParams(entries).toString()));
        for (const [name, value] of entries) assert.equal(form.get(name), value.replaceAll("\r\n", "\n"));
        assert.equal(form.entries.size, entries.length);
      }),
      { numRuns: 200 },
    );
  });

  test("has an empty text for a field that was not sent, also for the names of what objects have", async () => {
    const form = await readForm(request("a=1"));
    for (const name of ["b", "", "constructor", "__proto__", "toString", "entries"]) assert.equal(form.get(name), "");
    const odd = await readForm(request("__proto__=1&constructor=2"));
    assert.deepEqual([odd.get("__proto__"), odd.get("constructor")], ["1", "2"]);
  });

  test("may be empty, of any type or none", async () => {
    for (const headers of [{}, { "content-type": "text/plain" }, { "content-type": TYPE }]) {
      const empty = await readForm(new Request("http://localhost/", { method: "POST", headers }));
      assert.equal(empty.entries.size, 0);
    }
  });

  test("keeps signs that mean something elsewhere, and folds the line ends of browsers", async () => {
    const form = await readForm(request("a=1%2B1%3D2%26&b=x+y&c=a%0D%0Ab%0Dc&d=k=v=w&e&f="));
    assert.deepEqual(
      [...form.entries],
      [
        ["a", "1+1=2&"],
        ["b", "x y"],
        ["c", "a\nb\rc"],
        ["d", "k=v=w"],
        ["e", ""],
        ["f", ""],
      ],
    );
  });

  test("with a field twice, in any spelling, is refused (TC-09)", async () => {
    for (const body of ["code=1&code=2", "code=1&code=1", "code=1&c%6Fde=2", "a+b=1&a%20b=2", "a&a"]) {
      assert.equal(await statusOf(body), 400, body);
    }
    assert.equal(await statusOf("a=1&A=2"), 200, "names are exact");
    assert.equal(await statusOf("a[]=1&a[0]=2"), 200, "and brackets mean nothing");
  });

  test("with more than sixty fields is refused", async () => {
    const body = (count: number) => Array.from({ length: count }, (_, n) => `f${n}=1`).join("&");
    assert.equal(await statusOf(body(60)), 200);
    assert.equal(await statusOf(body(61)), 400);
  });

  test("that is not exactly UTF-8, percent-encoded, without NUL, is refused (TC-09)", async () => {
    for (const body of [
      "a=%",
      "a=%4",
      "a=%zz",
      "%=a",
      "a=%00",
      "%00=a",
      "a=%C3",
      "a=%C3%28",
      "a=%C0%AF",
      "a=%ED%A0%80",
      "a=%F5%80%80%80",
      "a=%80",
    ]) {
      assert.equal(await statusOf(body), 400, body);
    }
    for (const body of [
      Uint8Array.of(0x61, 0x3d, 0xff),
      Uint8Array.of(0x61, 0x3d, 0xc3, 0xa9),
      Buffer.from("a=b", "utf16le"),
      Uint8Array.of(0x61, 0x3d, 0),
    ]) {
      assert.equal(await statusOf(new Uint8Array(body)), 400, body.toString());
    }
  });

  test("never reads as anything but its own fields or a clear no, whatever the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
        assert.ok([200, 400].includes(await statusOf(new Uint8Array(bytes))));
      }),
      { numRuns: 500 },
    );
  });

  test("of another type is refused, and of no type", async () => {
    for (const type of [
      "text/plain",
      "application/json",
      "multipart/form-data; boundary=x",
      `${TYPE}; charset=utf-16`,
      `${TYPE}, text/plain`,
      `${TYPE}x`,
      `text/plain; a=${TYPE}`,
      "",
    ]) {
      assert.equal(await statusOf("a=b", { "content-type": type }), 415, type);
    }
    for (const type of [TYPE, TYPE.toUpperCase(), `${TYPE};charset=UTF-8`, `${TYPE}; charset="utf-8"`]) {
      assert.equal(await statusOf("a=b", { "content-type": type }), 200, type);
    }
    assert.equal(await statusOf(Uint8Array.of(0x61), {}), 415);
  });

  test("larger than sixteen kilobytes is refused: by its announced length at once, else when it gets there (CH-10)", async () => {
    assert.equal(await statusOf(`a=${"x".repeat(16_382)}`), 200);
    assert.equal(await statusOf(`a=${"x".repeat(16_383)}`), 413);
    for (const length of ["16385", "20971520", "1e99", "Infinity"]) {
      assert.equal(await statusOf("a=b", { "content-type": TYPE, "content-length": length }), 413, length);
    }
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1_024;
        controller.enqueue(new Uint8Array(1_024).fill(0x61));
      },
    });
    assert.equal(await statusOf(endless), 413);
    assert.ok(sent < 64_000, `${sent} bytes were taken before it was refused`);
  });

  test("that breaks off is an error, never half a form", async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(Buffer.from("role=person"));
        controller.error(new Error("gone"));
      },
    });
    await assert.rejects(readForm(request(broken)));
  });
});
