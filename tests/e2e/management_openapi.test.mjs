// docs/openapi.json itself: its schemas compile, and its examples are what they say.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertValid, document, operations, schemaNamed, validatorOf } from "./support/openapi.mjs";

test("the examples of schemas are valid", () => {
  let examples = 0;
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    for (const example of schema.examples ?? []) {
      assertValid(schemaNamed(name), example, `the example of ${name}`);
      ++examples;
    }
  }
  assert.ok(examples >= 10);
});

test("every schema compiles in strict mode", () => {
  const contents = operations.flatMap(({ responses, requestBody }) => [...Object.values(responses), requestBody].flatMap((holder) => Object.values(holder?.content ?? {})));
  for (const schema of [...Object.keys(document.components.schemas).map(schemaNamed), ...contents.map((content) => content.schema)])
    assert.equal(typeof validatorOf(schema), "function");
});

test("our own answers let nothing through that they do not name", () => {
  const open = Object.entries(document.components.schemas).filter(([, schema]) => schema.type === "object" && schema.additionalProperties !== false);
  assert.deepEqual(open.map(([name]) => name).sort(), ["ChatRequest", "CompletionRequest", "EmbeddingRequest", "MessageRequest", "RerankRequest", "ResponseRequest", "UpstreamAnswer"]);
});
