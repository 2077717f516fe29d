// Requests that another site's page made a browser send. They are refused; the record of them is bounded, because
// anybody can send them.

import type { Client, Context } from "../../context.ts";
import { addressKey } from "./address.ts";
import * as attempts from "./attempts.ts";
import { transact } from "./transaction.ts";

const FROM_ADDRESS: attempts.Rate = { name: "refused-request", burst: 20, perHour: 60 };
const FROM_ALL: attempts.Rate = { name: "refused-requests", burst: 200, perHour: 600 };

/** Records that a request to this route was refused, unless its address has caused many such records already. */
export function recordRefused(context: Context, client: Client, route: string): Promise<void> {
  return transact(context, client, async (tx) => {
    const own = await attempts.spend(tx, FROM_ADDRESS, addressKey(client.address));
    // One address must not use up what all share.
    if (!own.ok) return;
    const all = await attempts.spend(tx, FROM_ALL, "");
    if (all.ok) tx.record({ kind: "request.refused", details: { route } });
  });
}
