// A chat as the page has it: POST /api/chat, its events as they come, and Stop.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";

import { assertValid, schemaNamed } from "./openapi.mjs";
import { until } from "./until.mjs";

/**
 * Asks; throws unless the answer is a stream.
 *   events          {event, data} of all that came; comments are counted in `comments`
 *   of(name)        the data of all events of this name
 *   names()         their names, deltas left out
 *   text(round)     what the model has said; all rounds where none is given
 *   when(name)      the data of the first event of this name
 *   ended           resolves to the last event when the connection has ended
 *   stop()          closes the connection
 */
export async function openChat(api, body, headers = {}) {
  const text = JSON.stringify(body);
  const request = httpRequest(`${api.url}/api/chat`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text), ...api.identity, ...headers },
  });
  request.end(text);
  const [response] = await once(request, "response");
  request.on("error", () => {});
  response.setEncoding("utf8");
  const events = [];
  const chat = { events, comments: 0 };
  let rest = "";
  const ended = new Promise((resolve) => {
    response.on("error", () => resolve(events.at(-1)));
    response.on("end", () => resolve(events.at(-1)));
    response.on("close", () => resolve(events.at(-1)));
  });
  response.on("data", (piece) => {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const field = (name) => block.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (field("data")) events.push({ event: field("event"), data: JSON.parse(field("data")) });
      else ++chat.comments;
    }
  });
  if (response.statusCode !== 200) {
    await ended;
    assert.fail(`${response.statusCode}: ${rest}`);
  }
  assert.match(response.headers["content-type"], /^text\/event-stream/);
  const of = (name) => events.filter((one) => one.event === name).map((one) => one.data);
  const said = (round) => of("delta").filter((one) => one.text !== undefined && (round === undefined || one.round === round));
  const when = async (name) => (await until(`the event ${name}`, () => of(name), (all) => all.length > 0))[0];
  return Object.assign(chat, {
    of,
    names: () => events.map((one) => one.event).filter((name) => name !== "delta"),
    text: (round) => said(round).map((one) => one.text).join(""),
    when,
    ended,
    stop: () => request.destroy(),
  });
}

/** A body: one message of the user. */
export const asking = (model, content, more = {}) => ({ model, messages: [{ role: "user", content }], ...more });

/** The last event of a whole chat, with all that came; docs/openapi.json has every event. */
export async function chatOf(api, body) {
  const chat = await openChat(api, body);
  const last = await chat.ended;
  for (const { event, data } of chat.events) assertValid(schemaNamed("ChatEvents"), { [event]: data }, `the event ${event}`);
  return { ...chat, last };
}
