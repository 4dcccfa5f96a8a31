// Databases that chats may read: registered, tested, asked; each query shown beside the answer and on record.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { asking, chatOf } from "../e2e/support/chats.mjs";
import { hasPostgresql, startPostgresql } from "../e2e/support/postgresql.mjs";
import { until } from "../e2e/support/until.mjs";
import { PASSWORD, launch, openPage, settled, startWithAdmin, tabTo } from "./support/browser.mjs";
import { ENDLESS, openChatPage, shopFile, sql } from "./support/chat.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";

const LOOKS = ["light", "dark"].flatMap((theme) => [1280, 768, 390].map((width) => ({ theme, width })));
const BEST = "SELECT c.name, count(*) AS orders, sum(o.total) AS revenue FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY c.id ORDER BY revenue DESC";

let browser;
let gateway;
let shop;
before(async () => {
  browser = await launch();
  shop = shopFile();
  gateway = await startWithAdmin();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});
const openAt = async (path, options) => {
  const tab = await openPage(browser, gateway, { path, ...options });
  await settled(tab.page);
  return { ...tab, main: tab.page.locator("main"), says: (text) => tab.page.locator("main").getByText(text).first().waitFor() };
};

// So that each part can be run by itself.
async function haveShop() {
  const { data_sources } = await gateway.api.get("/api/datasources");
  return data_sources.find((one) => one.name === "shop") ?? gateway.api.post("/api/datasources", { name: "shop", kind: "sqlite", file: shop });
}

test("before there is a database, each page says what to do next", async () => {
  const chat = await openChatPage(browser, gateway);
  await chat.main.getByRole("link", { name: "Add a database" }).click();
  await chat.page.getByRole("heading", { name: "Data Sources" }).waitFor();
  await chat.says("No data source yet");
  await chat.says(/CREATE ROLE chat_reader/);
  await assertSound(chat);
  await chat.close();
  const queries = await openAt("/ui/queries");
  await queries.says("No query yet");
  await assertSound(queries);
  await queries.close();
});

describe("a data source", () => {
  test("is tested before it is saved; what is wrong stands at its field; then it is there", async () => {
    const tab = await openAt("/ui/access#sources");
    await tab.main.getByRole("button", { name: "Add data source" }).click();
    const dialog = tab.page.getByRole("dialog", { name: "Add a data source" });
    await dialog.getByLabel("Name", { exact: true }).fill("shop");
    await dialog.getByLabel("File").fill("shop.db");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.locator("[aria-invalid=true]").waitFor();
    assert.equal(await dialog.getByLabel("File").getAttribute("aria-invalid"), "true");
    await dialog.getByLabel("File").fill("/nowhere/shop.db");
    await dialog.getByRole("button", { name: "Test" }).click();
    await dialog.getByText("It cannot be used as it is").waitFor();
    await dialog.getByLabel("File").fill(shop);
    await dialog.getByRole("button", { name: "Test" }).click();
    await dialog.getByText(/^It can be read: 2 tables/).waitFor();
    await assertSound({ ...tab, problems: tab.problems.filter((one) => !/Failed to load resource/.test(one)) });
    await screenshot(tab.page, "source-dialog");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "hidden" });
    await tab.says("shop");
    await tab.says(/30 s, 1,000 rows, 1 MiB a query/);
    await tab.page.locator("#changes").getByText(/added data source shop/).waitFor();
    await tab.close();
  });

  test("a password goes in and never comes out", async () => {
    const tab = await openAt("/ui/access#sources");
    await tab.main.getByRole("button", { name: "Add data source" }).click();
    const dialog = tab.page.getByRole("dialog", { name: "Add a data source" });
    await dialog.getByLabel("Kind").selectOption("postgresql");
    await dialog.getByLabel("Name", { exact: true }).fill("far");
    await dialog.getByLabel("Host").fill("127.0.0.1");
    await dialog.getByLabel("Port").fill("9");
    await dialog.getByLabel("Database").fill("sales");
    await dialog.getByLabel("Role").fill("reader");
    await dialog.getByLabel("Password").fill("a-canary-password");
    await dialog.getByLabel("Encryption").selectOption("disable");
    await assertSound(tab);
    await screenshot(tab.page, "source-dialog-postgresql");
    await dialog.getByRole("button", { name: "Test" }).click();
    await dialog.getByText("It cannot be used as it is").waitFor();
    assert.ok(!(await tab.page.content()).includes("a-canary-password"));
    await tab.close();
  });

  for (const look of LOOKS) {
    test(`the list, ${look.theme}, ${look.width} pixels`, async () => {
      const tab = await openAt("/ui/access", look);
      await tab.main.getByRole("button", { name: "Test shop" }).click();
      await tab.says(/^It can be read/);
      await assertSound(tab);
      await tab.page.locator("#sources").scrollIntoViewIfNeeded();
      await screenshot(tab.page, `sources-${look.theme}-${look.width}`);
      await tab.close();
    });
  }

  test("a viewer is told its name and no more", async () => {
    await haveShop();
    await gateway.api.post("/api/users", { name: "vera", password: PASSWORD, role: "viewer" });
    const tab = await openAt("/ui/access", { as: "vera" });
    await tab.page.locator("#sources").getByText("shop", { exact: true }).waitFor();
    assert.ok(!(await tab.page.locator("#sources").textContent()).includes(shop));
    assert.equal(await tab.main.getByRole("button", { name: /^(Test|Edit|Add data source)/ }).count(), 0);
    await assertSound(tab);
    await tab.close();
  });
});

describe("a model asks it", () => {
  before(haveShop);
  for (const look of LOOKS) {
    test(`each query stands beside the answer, ${look.theme}, ${look.width} pixels`, async () => {
      const tab = await openChatPage(browser, gateway, look);
      await tab.choose("sim-sql");
      await tab.choice("shop");
      await tab.ask(sql(BEST));
      await tab.says(/tokens in/);
      const card = tab.card(0);
      await card.getByText("success").waitFor();
      await card.getByText("SELECT c.name").waitFor();
      await card.getByRole("cell", { name: "Hanson Ltd" }).waitFor();
      await card.getByText("3 rows").waitFor();
      await assertSound(tab);
      await screenshot(tab.page, `chat-sql-${look.theme}-${look.width}`);
      await tab.close();
    });
  }

  test("looks around by itself; from a query to its record and to the request of the model call", async () => {
    const tab = await openChatPage(browser, gateway);
    await tab.choose("sim-sql");
    await tab.choice("shop");
    await tab.ask("What is in there?");
    await tab.says(/tokens in/);
    for (const [at, name] of [/^List of tables/, /^Columns of a table/, /^Query/].entries()) assert.match(await tab.card(at).getAttribute("aria-label"), name);
    await tab.card(2).getByRole("link", { name: "Request" }).click();
    await tab.page.getByRole("heading", { name: "Requests" }).waitFor();
    await tab.says(/Answered in/);
    await tab.page.goBack();
    await tab.card(2).getByRole("link", { name: "Audit record" }).click();
    await tab.says("Reason that the model gave");
    await tab.says("What was asked");
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  test("what is not allowed is refused, what is wrong fails: both in words, both on record", async () => {
    const tab = await openChatPage(browser, gateway);
    await tab.choose("sim-sql");
    await tab.choice("shop");
    await tab.ask(sql("DELETE FROM orders", "SELECT revenu FROM orders"));
    await tab.says(/tokens in/);
    await tab.card(0).getByText("refused", { exact: true }).waitFor();
    await tab.card(0).getByText(/^It was refused and did not run: only what reads is allowed/).waitFor();
    await tab.card(1).getByText("failed", { exact: true }).waitFor();
    await tab.card(1).getByText(/revenu/).first().waitFor();
    await assertSound(tab);
    await screenshot(tab.page, "chat-refused");
    const { queries } = await gateway.api.get("/api/queries?outcome=refused&outcome=failed");
    assert.deepEqual(queries.slice(0, 2).map((one) => [one.outcome, one.user, one.sql]), [
      ["failed", "admin", "SELECT revenu FROM orders"],
      ["refused", "admin", "DELETE FROM orders"],
    ]);
    await tab.close();
  });

  test("a result is bounded, and it is said", async () => {
    const { data_sources } = await gateway.api.get("/api/datasources");
    const { id, ...source } = data_sources.find((one) => one.name === "shop");
    await gateway.api.put(`/api/datasources/${id}`, { ...source, rows_max: 20 });
    const tab = await openChatPage(browser, gateway);
    await tab.choose("sim-sql");
    await tab.choice("shop");
    await tab.ask(sql("SELECT * FROM orders"));
    await tab.says(/tokens in/);
    await tab.card(0).getByText(/20 rows; the result was longer/).click();
    await tab.card(0).getByRole("row").nth(20).waitFor();
    assert.equal(await tab.card(0).getByRole("row").count(), 21);
    await tab.close();
    await gateway.api.put(`/api/datasources/${id}`, source);
  });

  test("Stop ends the query with the model", async () => {
    const tab = await openChatPage(browser, gateway);
    await tab.choose("sim-sql");
    await tab.choice("shop");
    await tab.ask(sql(ENDLESS));
    await tab.card(0).getByText("running", { exact: true }).waitFor();
    await tab.says(/^query, in/);
    const at = Date.now();
    await tab.button("Stop").click();
    await tab.says(/^Stopped by you after/);
    await tab.card(0).getByText("cancelled", { exact: true }).waitFor();
    const ended = await until("it has ended", () => gateway.api.get("/api/queries?count=1"), ({ queries }) => queries[0].outcome !== "running");
    assert.equal(ended.queries[0].outcome, "cancelled");
    assert.ok(Date.parse(ended.queries[0].finished_at) - at < 1500, `${Date.parse(ended.queries[0].finished_at) - at} ms`);
    await tab.close();
  });
});

test("PostgreSQL: a role that may write is refused with what to do, one that may only read is asked", { skip: !hasPostgresql && "there is no PostgreSQL" }, async () => {
  const server = startPostgresql();
  const folder = decodeURIComponent(server.url.split("host=")[1]);
  const run = (text) => execFileSync("psql", [server.url, "-v", "ON_ERROR_STOP=1", "-q"], { input: text });
  run(`CREATE TABLE visits (city text, n int); INSERT INTO visits VALUES ('Oslo', 3), ('Kyiv', 5);
    CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON visits TO reader;`);
  const tab = await openAt("/ui/access#sources");
  await tab.main.getByRole("button", { name: "Add data source" }).click();
  const dialog = tab.page.getByRole("dialog", { name: "Add a data source" });
  await dialog.getByLabel("Kind").selectOption("postgresql");
  for (const [label, value] of [["Name", "visits"], ["Host", folder], ["Database", "postgres"], ["Role", "postgres"]]) await dialog.getByLabel(label, { exact: true }).fill(value);
  await dialog.getByLabel("Encryption").selectOption("disable");
  await dialog.getByRole("button", { name: "Test" }).click();
  await dialog.getByText(/ALTER ROLE/).waitFor();
  await dialog.getByLabel("Role", { exact: true }).fill("reader");
  await dialog.getByRole("button", { name: "Test" }).click();
  await dialog.getByText(/^It can be read: 1 table/).waitFor();
  await dialog.getByText(/PostgreSQL/).last().waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await tab.close();
  const chat = await openChatPage(browser, gateway);
  await chat.choose("sim-sql");
  await chat.choice("visits");
  await chat.ask(sql("SELECT city, n FROM visits ORDER BY n DESC", "DELETE FROM visits"));
  await chat.says(/tokens in/);
  await chat.card(0).getByRole("cell", { name: "Kyiv" }).waitFor();
  await chat.card(1).getByText("refused", { exact: true }).waitFor();
  await chat.close();
  server.end();
});

describe("the three limits of a chat, in their order, each with its own words", () => {
  let limited;
  before(async () => {
    limited = await startWithAdmin({ config: "[chat]\nmodel_call_seconds = 2\nbrowser_seconds = 4\nrequest_seconds = 8\nrounds_max = 5\n" });
    await limited.api.post("/api/datasources", { name: "shop", kind: "sqlite", file: shop, query_seconds: 30 });
    await limited.api.post("/api/datasources", { name: "hasty", kind: "sqlite", file: shop, query_seconds: 1 });
  });
  after(() => limited?.stop());
  const open = async (model, source = "shop") => {
    const tab = await openChatPage(browser, limited);
    await tab.choose(model);
    await tab.choice(source);
    return tab;
  };
  // Each call takes longer than half of what the browser waits, and less than a call may.
  const SLOW = "sim-sql,ttft_ms=1300";
  const FIVE = sql("SELECT 1", "SELECT 2", "SELECT 3", "SELECT 4");

  test("first the model call", async () => {
    const tab = await open("sim:tokens=9,hang_after=3");
    await tab.ask("Hello");
    await tab.says("The model did not finish within 2 s");
    await tab.says(/^The limit that fired: one model call \(2 s, set in the configuration file/);
    await tab.says(/tok1 tok2 tok3/);
    await assertSound(tab);
    await screenshot(tab.page, "chat-limit-call");
    await tab.close();
  });

  test("then the browser, which can wait longer once; then the server", async () => {
    const tab = await open(SLOW);
    await tab.ask(FIVE);
    await tab.says("This page waited 4 s, its own limit");
    await tab.says(/^The limit that fired: the browser's/);
    assert.ok((await tab.main.getByText("success", { exact: true }).count()) >= 2, "the queries so far stay");
    await screenshot(tab.page, "chat-limit-browser");
    await tab.button("Wait longer once").click();
    await tab.says(/waits longer/);
    await tab.says(/tokens in/, { timeout: 15_000 });
    await tab.close();
  });

  test("in the last fifth it is offered while it waits; then the server's own limit ends it", async () => {
    const tab = await open("sim-sql,ttft_ms=1900");
    await tab.ask(FIVE);
    await tab.button("Wait longer once").click();
    await tab.says("The whole answer took longer than 8 s", { timeout: 15_000 });
    await tab.says(/^The limit that fired: the server's/);
    await assertSound(tab);
    await screenshot(tab.page, "chat-limit-server");
    await tab.close();
  });

  test("a query has its own, of which the model is told", async () => {
    const tab = await open("sim-sql", "hasty");
    await tab.ask(sql(ENDLESS));
    await tab.card(0).getByText("timeout", { exact: true }).waitFor();
    await tab.card(0).getByText(/^It was stopped: it may run 1 s/).waitFor();
    await tab.says(/tokens in/);
    await tab.close();
  });

  test("rounds have an end", async () => {
    const tab = await open("sim-sql");
    await tab.ask(sql("SELECT 1", "SELECT 2", "SELECT 3", "SELECT 4", "SELECT 5", "SELECT 6", "SELECT 7"));
    await tab.says("The model wanted more than 5 rounds");
    await tab.close();
  });
});

describe("the page Queries", () => {
  before(async () => {
    const { id } = await haveShop();
    await chatOf(gateway.api, asking("sim-sql", sql("DELETE FROM orders", "SELECT revenu FROM orders"), { data_source: id }));
  });
  for (const look of LOOKS) {
    test(`the list and one of it, ${look.theme}, ${look.width} pixels`, async () => {
      const tab = await openAt("/ui/queries", look);
      await tab.says("refused");
      await assertSound(tab);
      await screenshot(tab.page, `queries-${look.theme}-${look.width}`);
      await tab.main.getByRole("button", { name: /^SELECT revenu/ }).first().click();
      await tab.says(/^The database answered with an error/);
      await assertSound(tab);
      await screenshot(tab.page, `query-${look.theme}-${look.width}`);
      await tab.close();
    });
  }

  test("by keyboard: a record, the next one, and back to the list", async () => {
    const tab = await openAt("/ui/queries");
    const { queries } = await gateway.api.get("/api/queries");
    const heading = (at) => tab.page.getByRole("heading", { name: new RegExp(` ${queries[at].id}$`) });
    await tabTo(tab.page, /^(SELECT|WITH|DELETE)/);
    await tab.page.keyboard.press("Enter");
    await heading(0).waitFor();
    await tab.page.keyboard.press("j");
    await heading(1).waitFor();
    await tab.page.keyboard.press("Escape");
    await heading(1).waitFor({ state: "detached" });
    await tab.page.waitForFunction((id) => document.activeElement?.id === id, `record-${queries[1].id}`);
    await tab.close();
  });

  test("filters stand in the address, and what they leave is exported", async () => {
    const tab = await openAt("/ui/queries");
    await tab.page.getByRole("button", { name: "Outcome", exact: true }).click();
    await tab.page.getByLabel("refused").check();
    await tab.page.waitForURL(/outcome=refused/);
    await tab.main.getByRole("row", { name: /SELECT revenu/ }).waitFor({ state: "detached" });
    await tab.page.getByRole("button", { name: "Export" }).click();
    const [download] = await Promise.all([tab.page.waitForEvent("download"), tab.page.getByRole("link", { name: /JSON lines/ }).click()]);
    const lines = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(lines.length > 0 && lines.every((one) => one.outcome === "refused"));
    await tab.page.reload();
    await settled(tab.page);
    await tab.main.getByRole("button", { name: "Reset", exact: true }).click();
    await tab.main.getByRole("button", { name: /^SELECT revenu/ }).first().waitFor();
    await tab.page.goto(`${gateway.url}/ui/queries?user=nobody`);
    await tab.says("Nothing fits these filters");
    await tab.close();
  });

  test("verified: all as they were written; one that was changed past the gateway is found", async () => {
    const tab = await openAt("/ui/queries");
    await tab.main.getByRole("button", { name: "Verify" }).click();
    await tab.says(/^All \d+ records are as they were written/);
    const { queries } = await gateway.api.get("/api/queries?outcome=refused");
    const database = join(gateway.data, "punctual.db");
    const table = execFileSync("sqlite3", [database, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%result_hash%'"], { encoding: "utf8" }).trim();
    execFileSync("sqlite3", [database, `UPDATE ${table} SET reason = 'nothing to see here' WHERE id = ${queries[0].id}`]);
    await tab.main.getByRole("button", { name: "Verify" }).click();
    await tab.says(/^The record is not whole: 1 problem in \d+ records/);
    await assertSound(tab);
    await screenshot(tab.page, "queries-tampered");
    await tab.main.getByRole("button", { name: `Record ${queries[0].id}` }).click();
    await tab.says("nothing to see here");
    await tab.close();
  });
});
