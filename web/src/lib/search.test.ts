import { expect, test } from "vitest";
import { commandsOf, listed } from "../shell/palette";
import { rankOf, search } from "./search";
import { titleText } from "./title.svelte";

test("names come before other words; all words must be there", () => {
  const all = [
    { label: "Idle", words: "timeout" },
    { label: "Request Timeouts" },
    { label: "Timeouts by limit" },
  ];
  expect(search(all, "time").map((one) => one.label)).toEqual([
    "Timeouts by limit",
    "Request Timeouts",
    "Idle",
  ]);
  expect(search(all, "time idle").map((one) => one.label)).toEqual(["Idle"]);
  expect([rankOf(all[0]!, "nothing"), rankOf(all[0]!, "")]).toEqual([0, 0]);
});

test("the palette: pages, sections, settings, requests, actions", () => {
  const all = commandsOf([{ path: "/", title: "Dashboard", key: "d" }]);
  const first = (text: string) => listed(all, text)[0]?.commands[0];
  const paths = all.map((one) => one.path ?? one.action);
  expect(new Set(paths).size).toBe(paths.length);
  expect(listed(all, "").map((one) => one.group)).toEqual(["Pages", "Sections", "Actions"]);
  expect(first("first token")?.path).toBe("/settings#first_token_seconds");
  expect(first("req_0a1b")?.path).toBe("/requests/req_0a1b");
  expect(first("a/b c?")?.path).toBe("/requests?q=a%2Fb%20c%3F");
  expect(first("a/b?")?.path).toBe("/requests?q=a%2Fb%3F");
  expect(first("sign")?.action).toBe("sign-out");
  expect(listed(all, "§")).toEqual([]);
});

test("the title of the tab counts what was not seen", () => {
  expect([titleText("Requests", 0), titleText("Requests", 3), titleText("", 0), titleText("A", 250)]).toEqual([
    "Requests · Punctual",
    "(3) Requests · Punctual",
    "Punctual",
    "(99+) A · Punctual",
  ]);
});
