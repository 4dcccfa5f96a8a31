// An upstream that a test steers model by model, and counts: what happens to a call is what `does` has said last.

import { chunk, chunkedHead, LAST_CHUNK, startScripted, wholeAnswer } from "./scripted.mjs";

const choice = (more) => ({ index: 0, finish_reason: null, ...more });
const document = (model, text) => ({
  id: "chatcmpl-1", object: "chat.completion", created: 1, model,
  choices: [choice({ finish_reason: "stop", message: { role: "assistant", content: text } })],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});
const event = (model, more) => chunk(`data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model, choices: [choice(more)] })}\n\n`);

/** An answer that says `text`, in the way that it is asked for. */
export const answers = (text = "hello") => (line, request) => {
  const { model, stream } = JSON.parse(request.body);
  if (!stream) return line.send(wholeAnswer(200, document(model, text)));
  line.send(chunkedHead("text/event-stream") + event(model, { delta: { role: "assistant", content: text } }) + event(model, { delta: {}, finish_reason: "stop" }) + chunk("data: [DONE]\n\n") + LAST_CHUNK);
};
/** A stream that breaks off after `text`; without one, after its head. */
export const breaksOff = (text) => (line, request) => {
  line.socket.end(Buffer.from(chunkedHead("text/event-stream") + (text ? event(JSON.parse(request.body).model, { delta: { content: text } }) : ""), "latin1"));
};
export const fails = (status = 500, more = "") => (line) => line.send(wholeAnswer(status, { error: { message: `it failed with ${status}`, type: "server_error" } }, { more }));
export const resets = (line) => line.abort();
export const silent = () => {};

/** These one after the other, then the last again and again. */
export const inTurn = (...behaviours) => {
  let turn = 0;
  return (...call) => behaviours[Math.min(turn++, behaviours.length - 1)](...call);
};

/** Calls are kept: `waiting` has them in their order, release() answers the next one (or `count`). */
export function held(then = answers()) {
  const waiting = [];
  const keep = (...call) => waiting.push(call);
  const release = (count = 1) => waiting.splice(0, count).forEach((call) => then(...call));
  return Object.assign(keep, { waiting, release });
}

/**
 *   does(model, behaviour)   from now on
 *   calls(model)             the bodies that it was sent
 *   models                   how often its list of models was asked for
 */
export async function startSteered({ port = 0 } = {}) {
  const behaviours = new Map();
  const upstream = await startScripted((line, request) => {
    if (request.method === "GET") return line.send(wholeAnswer(200, { object: "list", data: [{ id: "m" }] }));
    (behaviours.get(JSON.parse(request.body).model) ?? answers())(line, request);
  }, port);
  const posted = () => upstream.requests.filter((request) => request.method === "POST").map((request) => JSON.parse(request.body));
  return {
    ...upstream,
    does: (model, behaviour) => behaviours.set(model, behaviour),
    calls: (model) => posted().filter((body) => body.model === model),
    modelLists: () => upstream.requests.filter((request) => request.method === "GET").length,
  };
}

/** A rule for exactly `pattern`; targets are [provider, model, weight]. */
export const rule = (pattern, targets, more = "") =>
  `[[rules]]\npriority = 10\nmatch = "exact"\npattern = "${pattern}"\ntargets = [${targets
    .map(([provider, model, weight]) => `{ provider = "${provider}", model = "${model}"${weight === undefined ? "" : `, weight = ${weight}`} }`)
    .join(", ")}]\n${more}\n`;

/** The state of one target as GET /api/targets has it. */
export const targetOf = async (api, model, provider = "up") => (await api.get("/api/targets")).targets.find((one) => one.provider === provider && one.model === model);

/** The value of a series of GET /metrics. */
export async function metric(url, series) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line && Number(line.slice(series.length + 1));
}
