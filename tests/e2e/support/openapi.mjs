// docs/openapi.json as a judge: every answer of the management API must be one that it describes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export const document = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8"));

const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
addFormats(ajv);
// Of OpenAPI, not of JSON Schema: they say nothing about what is valid.
ajv.addVocabulary(["discriminator", "components"]);
ajv.addSchema({ $id: "openapi", components: document.components }, "openapi");

const methods = new Set(["get", "post", "put", "delete"]);

/** {method, path, pattern, ...} of every operation; `path` has its parameters still in it. */
export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => methods.has(method))
    .map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      parts: path.split("/"),
      needs: operation["x-needs"],
    })),
);

const resolved = (value) => (value?.$ref ? value.$ref.slice(2).split("/").reduce((at, key) => at[key], document) : value);

const compiled = new Map();
/** A function of ajv; throws when the schema is wrong itself. */
export function validatorOf(schema) {
  const text = JSON.stringify(schema);
  if (!compiled.has(text)) compiled.set(text, ajv.compile(JSON.parse(text.replaceAll('"#/components/', '"openapi#/components/'))));
  return compiled.get(text);
}

function operationOf(method, path) {
  const parts = path.split("/");
  const fits = (operation) =>
    operation.method === (method === "HEAD" ? "GET" : method) &&
    operation.parts.length === parts.length &&
    operation.parts.every((part, index) => part.startsWith("{") || part === parts[index]);
  // A word before a parameter, as the table has it.
  return operations.filter(fits).sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
}

/** Throws unless `value` is what `schema` says; `what` is for the error. */
export function assertValid(schema, value, what) {
  const validate = validatorOf(schema);
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 2000)}`);
}

export const schemaNamed = (name) => ({ $ref: `#/components/schemas/${name}` });

/** Throws unless docs/openapi.json has this answer: {status, headers, text}. */
export function assertDescribed(method, target, answer) {
  const path = target.split("?")[0];
  const what = `${method} ${target}: ${answer.status}`;
  const operation = operationOf(method, path);
  if (!operation) {
    assert.ok([404, 405].includes(answer.status), `${what}: docs/openapi.json does not have this route`);
    return assertValid(schemaNamed("Problem"), JSON.parse(answer.text), what);
  }
  const response = resolved(operation.responses[answer.status] ?? operation.responses.default);
  assert.ok(response, `${what}: docs/openapi.json does not have this status\n${answer.text.slice(0, 1000)}`);
  for (const [name, header] of Object.entries(response.headers ?? {}))
    if (resolved(header).required) assert.ok(answer.headers[name.toLowerCase()], `${what}: no ${name}`);
  if (!response.content) return assert.equal(answer.text, "", what);
  const type = (answer.headers["content-type"] ?? "").split(";")[0];
  assert.ok(response.content[type], `${what}: docs/openapi.json does not have ${type}\n${answer.text.slice(0, 1000)}`);
  if (type.endsWith("json") && method !== "HEAD") assertValid(response.content[type].schema, JSON.parse(answer.text), what);
}
