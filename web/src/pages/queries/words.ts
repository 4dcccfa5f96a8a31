// A record in words. Pure.

import { formatMilliseconds } from "$lib/duration";
import { plural } from "$lib/format";
import type { QueryRecord } from "./filters";

const sentence = (text: string) => {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
};

export function recordWords(record: QueryRecord): string {
  const error = record.error ? ` ${sentence(record.error)}` : "";
  const took = formatMilliseconds(record.milliseconds);
  switch (record.outcome) {
    case "running":
      return "It runs. Its record was written before it began.";
    case "success":
      return `It gave ${plural(record.rows, "row")} in ${took}.${record.truncated ? " There were more: the result was cut at the bounds of the data source." : ""}`;
    case "failed":
      return `The database answered with an error after ${took}.${error}`;
    case "refused":
      return `It was refused and did not run: only what reads is allowed.${error}`;
    case "timeout":
      return `It was stopped after ${took}: its time was up.${error}`;
    case "cancelled":
      return `It was stopped after ${took}, because whoever asked did not wait any longer.${error}`;
    case "lost":
      return `The gateway ended while it ran: whether it did is not known.${error}`;
  }
}
