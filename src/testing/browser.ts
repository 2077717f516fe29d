// A browser without a window: it keeps cookies, sends what browsers send, follows redirects and reads forms.

/** Anything that answers requests, such as the application of `createApp`. */
export type Fetcher = (request: Request, env?: object) => Response | Promise<Response>;

export type Page = {
  status: number;
  path: string;
  headers: Headers;
  text: string;
  /** The text of the page without markup. */
  words: string;
  title: string;
};

export type BrowserOptions = {
  /** The address that the application sees. */
  address?: string;
  userAgent?: string;
  publicUrl?: string;
};

export type Browser = {
  cookies: Map<string, string>;
  get(path: string): Promise<Page>;
  /** Submits fields as a form of this site does, and follows the redirect. */
  post(path: string, fields?: Record<string, string>): Promise<Page>;
  /** One exchange, without following. */
  send(path: string, init?: RequestInit): Promise<Response>;
};

/** A new browser without cookies. */
export function createBrowser(fetcher: Fetcher, options: BrowserOptions = {}): Browser {
  const { address = "192.0.2.1", publicUrl = "http://localhost:4180" } = options;
  const userAgent = options.userAgent ?? "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  const cookies = new Map<string, string>();

  const send = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has("user-agent")) headers.set("user-agent", userAgent);
    if (cookies.size > 0 && !headers.has("cookie")) {
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    const request = new Request(publicUrl + path, { ...init, headers, redirect: "manual" });
    const response = await fetcher(request, { incoming: { socket: { remoteAddress: address } } });
    for (const line of response.headers.getSetCookie()) keep(cookies, line);
    return response;
  };

  const follow = async (path: string, init?: RequestInit): Promise<Page> => {
    let [at, response] = [path, await send(path, init)];
    for (let hops = 0; response.status >= 301 && response.status <= 308 && hops < 5; hops++) {
      at = new URL(response.headers.get("location") ?? "/", publicUrl + at).toString().slice(publicUrl.length);
      response = await send(at, { headers: { "sec-fetch-site": "same-origin" } });
    }
    return readPage(at, response);
  };

  return {
    cookies,
    send,
    get: (path) => follow(path),
    post: (path, fields = {}) =>
      follow(path, {
        method: "POST",
        body: new URLSearchParams(fields).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
      }),
  };
}

async function readPage(path: string, response: Response): Promise<Page> {
  const text = await response.text();
  const body = text.replace(/<(style|script|svg)\b.*?<\/\1>/gs, " ");
  return {
    status: response.status,
    path,
    headers: response.headers,
    text,
    words: unescaped(body.replace(/<[^>]*>/g, " "))
      .replace(/\s+/g, " ")
      .trim(),
    title: unescaped(/<title>(.*?)<\/title>/.exec(text)?.[1] ?? ""),
  };
}

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = ""] = line.split(";");
  const split = pair.indexOf("=");
  const [name, value] = [pair.slice(0, split), pair.slice(split + 1)];
  if (/;\s*max-age=0\b/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}
