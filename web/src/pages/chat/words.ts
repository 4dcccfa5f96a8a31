// How an answer ended, in words: what happened, which limit it was, and what to do next. Pure.

import { formatMilliseconds, formatSeconds } from "$lib/duration";
import { plural } from "$lib/format";
import { sourceWords } from "../requests/words";
import { queriesOf, textOf, type Answer, type Query } from "./answer";
import type { Limits } from "./events";

export type Tone = "neutral" | "good" | "warn" | "bad";
export type Icon = "check" | "clock" | "cross" | "warning" | "ban" | "none";
/** again: ask once more. longer: and wait until the server's own limit. The others lead somewhere. */
export type Action = "again" | "longer" | "edit" | "limits" | "sources" | "providers" | "request";

export interface Ending {
  tone: Tone;
  title: string;
  lines: string[];
  actions: Action[];
}

const dot = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);
const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "2 min, which is the default". */
function limitWords(seconds: number | undefined, source: string | undefined): string {
  if (seconds === undefined) return "";
  const where = /^stored chat\./.test(source ?? "") ? "set under Limits on this page" : sourceWords(source);
  return `${formatSeconds(seconds)}, ${where}`;
}

/** Whether it is one of the chat's own; else it is one of a request to /v1, which the calls are. */
const isOwn = (source: string | undefined): boolean =>
  !/\btimeouts\.|^(rule|provider|api_key|patience) /.test(source ?? "");

const OTHERS: Record<string, string> = {
  total: "the whole of one request",
  attempt: "one upstream call",
  queue: "waiting for a free place",
  load: "loading the model",
  connect: "connecting to the provider",
  first_token: "waiting for the first token",
  idle: "a pause between two tokens",
  receive: "receiving the question",
  drain: "a page that did not read",
};

/** What was there when it ended: "2 queries had run" and whether there is text. */
export function soFar(answer: Answer): string {
  const queries = queriesOf(answer).length;
  const ran = queries ? `${plural(queries, "query", "queries")} had begun until then` : "";
  const text = textOf(answer);
  if (text && ran) return `The text above is unfinished; ${ran}.`;
  if (text) return "The text above is unfinished.";
  return ran ? `There was no text yet; ${ran}.` : "Nothing had been answered yet.";
}

function limitEnding(answer: Answer, limit: string): Ending {
  const problem = answer.problem ?? {};
  const value = limitWords(problem.limit_seconds, problem.limit_source);
  const took = problem.limit_seconds === undefined ? "its limit" : formatSeconds(problem.limit_seconds);
  const rest = soFar(answer);
  const said = (what: string) => `${what}${value ? ` (${value})` : ""}.`;
  switch (isOwn(problem.limit_source) ? limit : `${limit} of /v1`) {
    case "attempt":
      return {
        tone: "warn",
        title: `The model did not finish within ${took}`,
        lines: [
          said("The limit that fired: one model call"),
          rest,
          "Try again, ask for less at once, or choose a faster model. Under Limits one call can be given more time.",
        ],
        actions: ["again", "edit", "limits", "request"],
      };
    case "total":
      return {
        tone: "warn",
        title: `The whole answer took longer than ${took}`,
        lines: [
          said("The limit that fired: the server's, for all calls and queries together"),
          rest,
          "Ask for less at once, so that fewer rounds are needed, or give the whole answer more time under Limits.",
        ],
        actions: ["again", "edit", "limits", "request"],
      };
    case "query":
      return {
        tone: "warn",
        title: `A query ran longer than ${took}`,
        lines: [
          said("The limit that fired: one query of this data source"),
          rest,
          "Ask for a shorter period or fewer tables; an index in the database may help. The data source can be given more time.",
        ],
        actions: ["again", "edit", "sources"],
      };
    case "rounds": {
      const rounds = answer.limits?.rounds_max;
      return {
        tone: "warn",
        title: `The model wanted more than ${rounds ? plural(rounds, "round") : "the rounds that it may have"}`,
        lines: [
          "Each round is one call of the model; it went on asking the database without coming to an answer.",
          rest,
          "Ask more precisely, in smaller steps, or allow more rounds under Limits.",
        ],
        actions: ["edit", "again", "limits"],
      };
    }
    default:
      return {
        tone: "warn",
        title: `A limit of the gateway fired: ${OTHERS[limit] ?? limit}`,
        lines: [
          ...(value ? [`It is ${value.replace(", which is", ",")}.`] : []),
          rest,
          "It is one of the request timeouts in Settings; the request tells where the time went.",
        ],
        actions: ["again", "request"],
      };
  }
}

const isAboutModel = (text: string) => /\bmodel\b/i.test(text);

function problemEnding(answer: Answer): Ending {
  const problem = answer.problem ?? {};
  const status = problem.status ?? 0;
  const said = problem.detail || problem.error?.message || problem.title || "";
  const detail = said ? [dot(upper(said))] : [];
  const rest = answer.rounds.length ? [soFar(answer)] : [];
  const after = problem.retry_after_seconds;
  const wait = after ? [`It may go better in ${formatSeconds(Math.ceil(after))}.`] : [];
  const make = (title: string, next: string, actions: Action[], tone: Tone = "bad"): Ending => ({
    tone,
    title,
    lines: [...detail, ...rest, ...wait, next],
    actions,
  });
  if (status === 0)
    return make(
      "The gateway did not answer",
      "Your question is kept. Check that it runs and that the network is up, then try again.",
      ["again"],
    );
  if (status === 401)
    return make("Your session has ended", "Sign in again; your question is kept on this page.", ["again"]);
  if (status === 403)
    return make("You may not do this", "An administrator can change what your account may do.", ["edit"]);
  if (status === 404 && isAboutModel(said))
    return make(
      `There is no model “${answer.model}”`,
      "Choose another above, or add a provider or a routing rule that knows it.",
      ["edit", "providers"],
    );
  if (status === 404)
    return make("What was asked for is not there", "Choose the data source or the model anew.", [
      "edit",
      "sources",
    ]);
  if (status === 413)
    return make("The question is too large", "Send fewer or smaller pictures, or begin a new chat.", ["edit"]);
  if (status === 429)
    return make("Too many requests at this moment", "Wait a little, then try again.", ["again"], "warn");
  if (status === 503 && /chat/i.test(said))
    return make(
      "Too many chats run at this moment",
      "Your question is kept. Try again when one of them has ended.",
      ["again"],
      "warn",
    );
  if (status === 503)
    return make(
      "No place is free, or the model cannot be had",
      "Try again in a while, or choose another model.",
      ["again", "edit", "request"],
    );
  if (status === 502 || status === 504)
    return make(
      "The model's provider does not answer",
      "Try again, choose another model, or look whether the provider is up: Settings has a test for it.",
      ["again", "edit", "providers", "request"],
    );
  if (status === 400 || status === 422)
    return make("The question cannot be sent as it is", "Change it and send it again.", ["edit"]);
  return make(problem.title || "It went wrong", "Try again; the request tells more.", ["again", "request"]);
}

/** undefined: it runs, or has ended well. */
export function endingOf(answer: Answer, limits: Limits): Ending | undefined {
  const took = formatMilliseconds(Math.round(answer.elapsedMs / 100) * 100);
  const { browser_seconds, request_seconds } = answer.limits ?? limits;
  switch (answer.state) {
    case "running":
    case "done":
      return undefined;
    case "stopped":
      return {
        tone: "neutral",
        title: `Stopped by you after ${took}`,
        lines: [`The model and any query were stopped with it. ${soFar(answer)}`],
        actions: ["again", "edit"],
      };
    case "gave_up":
      return answer.longer
        ? {
            tone: "warn",
            title: `The server has not ended within its own ${formatSeconds(request_seconds)}`,
            lines: [
              `This page waited until then, and stopped. ${soFar(answer)}`,
              "That should not happen: the network between may hold the answer back.",
            ],
            actions: ["again", "request"],
          }
        : {
            tone: "warn",
            title: `This page waited ${formatSeconds(browser_seconds)}, its own limit`,
            lines: [
              `The limit that fired: the browser's. The server, which would have gone on for up to ${formatSeconds(request_seconds)}, was told to stop. ${soFar(answer)}`,
              "“Wait longer once” asks again and waits as long as the server does.",
            ],
            actions: ["longer", "again", "limits"],
          };
    case "cut":
      return {
        tone: "bad",
        title: `The connection was cut after ${took}`,
        lines: [
          `Neither the server nor this page ended it: the network was lost, the gateway was stopped, or something between, such as a reverse proxy, gave up. ${soFar(answer)}`,
          "Try again; if it is always after the same time, look at what stands in front of the gateway on the page Timeouts.",
        ],
        actions: ["again", "request"],
      };
    case "reloaded":
      return {
        tone: "neutral",
        title: "The page was left while the answer came",
        lines: [`The server stopped with it. ${soFar(answer)}`],
        actions: ["again", "edit"],
      };
    case "failed":
      return answer.problem?.limit ? limitEnding(answer, answer.problem.limit) : problemEnding(answer);
  }
}

export const OUTCOMES: Record<Query["outcome"], { word: string; tone: Tone | "accent"; icon: Icon }> = {
  running: { word: "running", tone: "accent", icon: "none" },
  success: { word: "success", tone: "good", icon: "check" },
  failed: { word: "failed", tone: "bad", icon: "cross" },
  refused: { word: "refused", tone: "bad", icon: "ban" },
  timeout: { word: "timeout", tone: "warn", icon: "clock" },
  cancelled: { word: "cancelled", tone: "neutral", icon: "ban" },
  lost: { word: "lost", tone: "warn", icon: "warning" },
};

/** What an outcome means for whoever reads the answer; "" where the badge says it all. */
export function outcomeWords(query: Pick<Query, "outcome" | "limitSeconds" | "error">): string {
  switch (query.outcome) {
    case "refused":
      return `It was refused and did not run: only what reads is allowed. ${query.error ? dot(upper(query.error)) : ""}`.trim();
    case "failed":
      return query.error ? dot(upper(query.error)) : "The database answered with an error.";
    case "timeout":
      return `It was stopped: it may run ${formatSeconds(query.limitSeconds)}. ${query.error ? dot(upper(query.error)) : ""}`.trim();
    case "cancelled":
      return "It was stopped before it ended.";
    case "lost":
      return "The gateway ended while it ran: whether it did is not known.";
    default:
      return "";
  }
}

const TOOLS: Record<string, string> = {
  query: "Query",
  list_tables: "List of tables",
  describe_table: "Columns of a table",
};
export const toolName = (tool: string): string => TOOLS[tool] ?? tool;

/** "12 rows, the first 10 shown; the result was longer than allowed". */
export function rowsWords(query: Pick<Query, "count" | "truncated">, shown: number): string {
  const parts = [plural(query.count, "row")];
  if (shown < query.count) parts.push(`the first ${shown} are shown`);
  if (query.truncated) parts.push("the result was longer: it was cut at the bounds of the data source");
  return parts.join("; ");
}

export const cellText = (cell: unknown): string =>
  cell === null || cell === undefined ? "" : typeof cell === "object" ? JSON.stringify(cell) : String(cell);

/** Said once when it is over, to whoever does not see it. */
export function announcement(answer: Answer, limits: Limits): string {
  const ending = endingOf(answer, limits);
  if (ending) return `${ending.title}.`;
  const queries = queriesOf(answer).length;
  return `The answer is there${queries ? `, after ${plural(queries, "query", "queries")}` : ""}.`;
}
