// The page Chat, as somebody uses it.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { temporaryFolder } from "../../e2e/support/gateway.mjs";
import { openPage, settled } from "./browser.mjs";

/**
 * The page, ready for a question.
 *   choose(model)      types its name; choice(name) chooses a database
 *   ask(text)          types it and sends it by Enter
 *   main               the page without what is only read out
 *   says(text)         waits until it stands on the page
 */
export async function openChatPage(browser, gateway, { path = "/ui/chat", ...options } = {}) {
  const tab = await openPage(browser, gateway, { path, ...options });
  await settled(tab.page);
  const main = tab.page.locator("main");
  const model = main.getByRole("combobox", { name: "Model" });
  const message = main.getByRole("textbox", { name: "Message" });
  return {
    ...tab,
    main,
    model,
    message,
    choose: async (name) => {
      await model.fill(name);
      await model.press("Enter");
    },
    choice: (name) => main.getByLabel("Database to ask").selectOption(name),
    ask: async (text) => {
      await message.fill(text);
      await message.press("Enter");
    },
    says: (text, options) => main.getByText(text).first().waitFor(options),
    button: (name) => main.getByRole("button", { name, exact: true }).locator("visible=true").first(),
    card: (at) => main.getByRole("region", { name: /^(Query|List of tables|Columns of a table) / }).nth(at),
  };
}

/** A SQLite file with customers and `orders` orders: its path. */
export function shopFile(orders = 50) {
  const file = join(temporaryFolder(), "shop.db");
  execFileSync("sqlite3", [file], {
    input: `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
      CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, total REAL, note TEXT);
      INSERT INTO customers VALUES (1, 'Hanson Ltd'), (2, 'Ørsted & Søn'), (3, 'A name that is so long that no column of a table has room for all of it');
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${orders})
      INSERT INTO orders SELECT i, 1 + i % 3, i * 1.5, CASE WHEN i % 4 THEN 'note ' || i END FROM n;`,
  });
  return file;
}

/** What sim-sql runs, one round each. */
export const sql = (...statements) => statements.map((one) => `\`\`\`sql\n${one}\n\`\`\``).join("\n");

/** A statement that does not end by itself. */
export const ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
