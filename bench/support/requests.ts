// Requests as a browser sends them, and what a browser keeps of the answers.

export type Sent = {
  method?: "GET" | "POST";
  path: string;
  port: number;
  cookie?: string;
  form?: Record<string, string>;
  json?: Record<string, string>;
  headers?: Record<string, string>;
};

/** The bytes of a request. All contestants get the same headers, whether they read them or not. */
export function requestBytes({ method, path, port, cookie, form, json, headers }: Sent): Buffer {
  const body = form ? new URLSearchParams(form).toString() : json ? JSON.stringify(json) : "";
  const type = form ? "application/x-www-form-urlencoded" : "application/json";
  const hasBody = form !== undefined || json !== undefined;
  const lines = [
    `${method ?? (hasBody ? "POST" : "GET")} ${path} HTTP/1.1`,
    `Host: localhost:${port}`,
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept: text/html,application/json;q=0.9,*/*;q=0.8",
    "Accept-Encoding: gzip, deflate, br",
    `Origin: http://localhost:${port}`,
    "Sec-Fetch-Site: same-origin",
    ...(cookie ? [`Cookie: ${cookie}`] : []),
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(hasBody ? [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`] : []),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** The Cookie header that a browser would send after an answer with this head. */
export function cookiesOf(head = ""): string {
  return [...head.matchAll(/^set-cookie: *([^;\r\n]+)([^\r\n]*)/gim)]
    .filter(([, , attributes]) => !/max-age=0/i.test(attributes ?? ""))
    .map(([, pair]) => pair)
    .join("; ");
}
