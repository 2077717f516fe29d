// Long lists, a page at a time: by numbers where all are counted, or from the newest on where nobody counts.

import type { Visit } from "./route.ts";
import type { Content } from "./ui/markup.ts";
import { pager } from "./ui/pager.ts";

/** The number that a text of digits stands for; `undefined` for any other text. */
export function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The page that a query asks for; the first where it asks for none. */
export function pageNumber({ query }: Visit): number {
  return Math.min(Math.max(1, wholeNumber(query.get("page")) ?? 1), 1_000_000);
}

/** One page of people, of all that there are. */
export type Numbered = { page: number; pageSize: number; total: number };

/** The way through numbered pages; `shown` are on this one. */
export function numberedPager(
  { text }: Visit,
  { page, pageSize, total }: Numbered,
  { shown, label, href }: { shown: number; label: string; href: (page: number) => string },
): Content {
  const first = (page - 1) * pageSize + 1;
  return pager({
    label,
    position: text.users.range(first, first + shown - 1, total),
    previous: page > 1 ? { href: href(page - 1), label: text.users.previous } : undefined,
    next: page * pageSize < total ? { href: href(page + 1), label: text.users.next } : undefined,
  });
}

/** A part of a list that begins with the newest. */
export type Newest<T> = { rows: T[]; hasMore: boolean; isFirst: boolean };

const SHOWN = 50;

/** How many to read of such a list: one more than is shown, to know whether there are more. */
export const READ = SHOWN + 1;

/** What a page shows of what was read; `before` is where the page before ended. */
export function newest<T>(read: readonly T[], before: unknown): Newest<T> {
  return { rows: read.slice(0, SHOWN), hasMore: read.length > SHOWN, isFirst: before === undefined };
}

/** The way to the older ones and back to the newest; nothing where all are shown. `place` is where a row stands. */
export function agePager<T>(
  { rows, hasMore, isFirst }: Newest<T>,
  options: {
    words: { pager: string; position: (shown: number) => string; newest: string; older: string };
    place: (row: T) => string;
    href: (query: { before?: string }) => string;
  },
): Content {
  const { words, place, href } = options;
  const last = rows.at(-1);
  if (!hasMore && isFirst) return undefined;
  return pager({
    label: words.pager,
    position: words.position(rows.length),
    previous: isFirst ? undefined : { href: href({}), label: words.newest },
    next: hasMore && last !== undefined ? { href: href({ before: place(last) }), label: words.older } : undefined,
  });
}
