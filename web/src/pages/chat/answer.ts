// One answer as it comes: rounds of the model, the queries of each, how it ended. What an event changes is here;
// nothing of it draws or waits.

import type { Schemas } from "$api/client";
import type { Cell, ChatEvent, ChatProblem, Limits, Usage } from "./events";

export const ROWS_KEPT = 200;

export interface Query {
  id: string;
  tool: string;
  sql: string;
  reason: string;
  limitSeconds: number;
  /** Milliseconds, of the page's clock. */
  startedAt: number;
  outcome: Schemas["QueryOutcome"];
  columns: string[];
  /** The first of them. */
  rows: Cell[][];
  /** How many there are; more than `rows` has. */
  count: number;
  bytes: number;
  truncated: boolean;
  milliseconds: number;
  error: string;
}

export interface Round {
  number: number;
  /** As in /api/requests. */
  requestId: string;
  limitSeconds: number;
  startedAt: number;
  calling: boolean;
  text: string;
  reasoning: string;
  finish: string;
  queries: Query[];
}

/**
 * running: nothing has ended it yet. stopped: by hand. gave_up: the browser's own limit. cut: the connection was lost.
 * reloaded: the page went away while it came. failed: `problem` says why.
 */
export type State = "running" | "done" | "stopped" | "gave_up" | "cut" | "reloaded" | "failed";

export interface Answer {
  state: State;
  model: string;
  chatId: string;
  requestId: string;
  dataSource: string;
  /** As the gateway told them with the start; until then undefined. */
  limits: Limits | undefined;
  /** When the page asked, and when the gateway's clock began: milliseconds of the page's clock. */
  askedAt: number;
  beganAt: number;
  /** The page waits until the gateway's own limit. */
  longer: boolean;
  rounds: Round[];
  usage: Usage | undefined;
  elapsedMs: number;
  problem: ChatProblem | undefined;
}

export const newAnswer = (model: string, now: number, longer = false): Answer => ({
  state: "running",
  model,
  chatId: "",
  requestId: "",
  dataSource: "",
  limits: undefined,
  askedAt: now,
  beganAt: now,
  longer,
  rounds: [],
  usage: undefined,
  elapsedMs: 0,
  problem: undefined,
});

function roundOf(answer: Answer, number: number, now: number): Round {
  const found = answer.rounds.find((round) => round.number === number);
  if (found) return found;
  answer.rounds.push({
    number,
    requestId: "",
    limitSeconds: 0,
    startedAt: now,
    calling: false,
    text: "",
    reasoning: "",
    finish: "",
    queries: [],
  });
  return answer.rounds.at(-1) as Round;
}

export const queriesOf = (answer: Answer): Query[] => answer.rounds.flatMap((round) => round.queries);

const queryOf = (answer: Answer, id: string | number): Query | undefined =>
  queriesOf(answer).find((query) => query.id === String(id));

/** Changes the answer as the event says; `now`: milliseconds of the page's clock. */
export function apply(answer: Answer, { event, data }: ChatEvent, now: number): void {
  switch (event) {
    case "start":
      answer.chatId = data.chat_id;
      answer.requestId = data.request_id;
      answer.model = data.model || answer.model;
      answer.dataSource = data.data_source ?? "";
      answer.limits = data.limits;
      answer.beganAt = now - data.elapsed_ms;
      return;
    case "call": {
      const round = roundOf(answer, data.round, now);
      round.requestId = data.request_id;
      round.limitSeconds = data.limit_seconds;
      round.startedAt = now;
      round.calling = true;
      return;
    }
    case "delta": {
      const round = roundOf(answer, data.round, now);
      round.text += data.text ?? "";
      round.reasoning += data.reasoning ?? "";
      return;
    }
    case "call_end": {
      const round = roundOf(answer, data.round, now);
      round.calling = false;
      round.finish = data.finish_reason;
      return;
    }
    case "query":
      roundOf(answer, data.round, now).queries.push({
        id: String(data.id),
        tool: data.tool,
        sql: data.sql,
        reason: data.reason,
        limitSeconds: data.limit_seconds,
        startedAt: now,
        outcome: "running",
        columns: [],
        rows: [],
        count: 0,
        bytes: 0,
        truncated: false,
        milliseconds: 0,
        error: "",
      });
      return;
    case "rows": {
      const query = queryOf(answer, data.id);
      if (!query) return;
      if (data.columns) query.columns = data.columns;
      query.count += data.rows.length;
      for (const row of data.rows.slice(0, Math.max(0, ROWS_KEPT - query.rows.length))) query.rows.push(row);
      return;
    }
    case "query_end": {
      const query = queryOf(answer, data.id);
      if (!query) return;
      query.outcome = data.outcome;
      query.count = data.rows;
      query.bytes = data.bytes;
      query.truncated = data.truncated;
      query.milliseconds = data.milliseconds;
      query.error = data.error ?? "";
      return;
    }
    case "end":
      answer.usage = data.usage ?? undefined;
      ended(answer, "done", now);
      answer.elapsedMs = data.elapsed_ms;
      return;
    case "error":
      answer.problem = data;
      ended(answer, "failed", now);
  }
}

/** It is over: what still ran was stopped with it. */
export function ended(answer: Answer, state: Exclude<State, "running">, now: number): void {
  answer.state = state;
  answer.elapsedMs = Math.max(0, now - answer.askedAt);
  for (const round of answer.rounds) {
    round.calling = false;
    for (const query of round.queries) {
      if (query.outcome !== "running") continue;
      query.outcome = "cancelled";
      query.milliseconds = now - query.startedAt;
    }
  }
}

/** What the model wrote, without its reasoning. */
export const textOf = (answer: Answer): string =>
  answer.rounds
    .map((round) => round.text.trim())
    .filter(Boolean)
    .join("\n\n");
