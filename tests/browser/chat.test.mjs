// The page Chat: what is asked and what comes, each limit with its own words, what is kept when something ends it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { provider } from "../e2e/support/gateway.mjs";
import { until } from "../e2e/support/until.mjs";
import { PASSWORD, launch, openPage, settled, startWithAdmin, tabTo } from "./support/browser.mjs";
import { openChatPage } from "./support/chat.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";

const LOOKS = ["light", "dark"].flatMap((theme) => [1280, 768, 390].map((width) => ({ theme, width })));

let browser;
let gateway;
const open = (options) => openChatPage(browser, gateway, options);
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin({ config: provider("nowhere", "http://127.0.0.1:9/v1"), env: { PUNCTUAL_TIMEOUT_CONNECT_SECONDS: "2" } });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

describe("a conversation", () => {
  for (const look of LOOKS) {
    test(`empty, ${look.theme}, ${look.width} pixels`, async () => {
      const tab = await open(look);
      await tab.says("Ask a model");
      await assertSound(tab);
      await screenshot(tab.page, `chat-empty-${look.theme}-${look.width}`);
      await tab.close();
    });
  }

  test("streams, is followed, and is left out of what is read out token by token", async () => {
    const tab = await open();
    await tab.choose("sim:tokens=60,itl_ms=20,reasoning=4");
    await tab.ask("Tell me something");
    await tab.button("Stop").waitFor();
    await tab.says(/tok5 tok6/);
    assert.equal(await tab.main.locator("[aria-live]:not([aria-live=off])").filter({ hasText: "tok1" }).count(), 0);
    await tab.says(/tok60/);
    await tab.says(/tokens in, 64 out/);
    await tab.page.getByText("The answer is there.").waitFor({ state: "attached" });
    assert.equal(await tab.main.getByText("think1 think2").isVisible(), false);
    await tab.main.getByText("Reasoning", { exact: true }).click();
    await tab.says(/think1 think2/);
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  test("goes on with what was said before", async () => {
    const tab = await open();
    await tab.choose("sim:tokens=2");
    await tab.ask("First question");
    await tab.says(/tok1 tok2/);
    await tab.choose("sim:echo");
    await tab.ask("Second question");
    await tab.says(/Second question/);
    const echo = await tab.main.getByRole("article").nth(1).textContent();
    for (const part of ["First question", "tok1 tok2"]) assert.ok(echo.includes(part), echo);
    await tab.close();
  });

  test("by keyboard alone: a model, a question on two lines, Escape stops it", async () => {
    const tab = await open();
    await tabTo(tab.page, "Model");
    await tab.page.keyboard.type("sim-st");
    await tab.page.keyboard.press("ArrowDown");
    await tab.page.keyboard.press("Enter");
    assert.equal(await tab.model.inputValue(), "sim-stalls");
    await tabTo(tab.page, "Message");
    await tab.page.keyboard.type("one");
    await tab.page.keyboard.press("Shift+Enter");
    await tab.page.keyboard.type("two");
    assert.equal(await tab.message.inputValue(), "one\ntwo");
    await tab.page.keyboard.press("Enter");
    await tab.says(/tok1/);
    await tab.page.keyboard.press("Escape");
    await tab.says(/^Stopped by you after/);
    await tab.says("unfinished");
    await tab.says(/tok1/);
    assert.equal(await tab.page.evaluate(() => document.activeElement?.tagName), "TEXTAREA");
    // The gateway has stopped with it: nothing runs any more.
    await until("nothing runs", () => gateway.api.get("/api/requests/running"), ({ requests }) => requests.length === 0);
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  test("the list of models narrows, and takes a name that is not in it", async () => {
    const tab = await open();
    await tab.model.click();
    await tab.main.getByRole("option", { name: "sim-fast" }).waitFor();
    await assertSound(tab);
    await tab.model.fill("slow");
    await tab.main.getByRole("option", { name: "sim-fast" }).waitFor({ state: "detached" });
    await tab.main.getByRole("option", { name: "sim-slow" }).click();
    assert.equal(await tab.model.inputValue(), "sim-slow");
    await tab.model.fill("my-own");
    await tab.says(/Enter asks for “my-own” all the same/);
    await tab.model.press("Enter");
    assert.equal(await tab.model.inputValue(), "my-own");
    await tab.close();
  });

  test("what a model writes is text, whatever it is", async () => {
    const tab = await open();
    await tab.choose("sim:echo");
    await tab.ask("</script><img src=x onerror=alert(1)><script>document.title='taken'</script>");
    await tab.says(/onerror=alert/);
    assert.equal(await tab.main.locator("article img, article script").count(), 0);
    assert.match(await tab.page.title(), /Chat · Punctual$/);
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  test("the last question is changed and sent again, or asked once more", async () => {
    const tab = await open();
    await tab.choose("sim:tokens=3");
    await tab.ask("A qestion");
    await tab.says(/tok3/);
    await tab.button("Edit the last question").click();
    assert.equal(await tab.message.inputValue(), "A qestion");
    await tab.page.keyboard.press("Escape");
    assert.equal(await tab.message.inputValue(), "");
    await tab.button("Edit the last question").click();
    await tab.ask("A question");
    await tab.main.getByText("A qestion").waitFor({ state: "detached" });
    await tab.says(/tok3/);
    await tab.button("Try again").click();
    await tab.button("Try again").waitFor();
    assert.equal(await tab.main.getByRole("article").count(), 1);
    await tab.button("New chat").click();
    await tab.says("Ask a model");
    await tab.close();
  });

  test("the answer is copied", async () => {
    const tab = await open({ media: { permissions: ["clipboard-read", "clipboard-write"] } });
    await tab.choose("sim:tokens=3");
    await tab.ask("Copy this");
    await tab.main.getByRole("button", { name: "Copy the answer" }).click();
    assert.equal(await tab.page.evaluate(() => navigator.clipboard.readText()), "tok1 tok2 tok3");
    await tab.close();
  });
});

describe("pictures", () => {
  const png = (page, side) =>
    page.evaluate(async (size) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
      canvas.getContext("2d").fillRect(0, 0, size / 2, size);
      const blob = await new Promise((done) => canvas.toBlob(done));
      return [...new Uint8Array(await blob.arrayBuffer())];
    }, side);
  const file = async (page, name, side = 64) => ({ name, mimeType: "image/png", buffer: Buffer.from(await png(page, side)) });

  test("chosen, taken away, pasted, made smaller, and sent with the question", async () => {
    const tab = await open();
    await tab.choose("sim:echo");
    const input = tab.page.locator("input[type=file]");
    await input.setInputFiles([await file(tab.page, "one.png"), await file(tab.page, "large.png", 4000)]);
    await tab.main.getByRole("img", { name: "large.png" }).waitFor();
    assert.ok((await tab.main.getByRole("img", { name: "large.png" }).evaluate((image) => image.naturalWidth)) <= 1568);
    await tab.button("Take large.png away").click();
    const bytes = await png(tab.page, 32);
    await tab.message.evaluate((box, list) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(list)], "pasted.png", { type: "image/png" }));
      box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, bytes);
    await tab.main.getByRole("img", { name: "pasted.png" }).waitFor();
    await assertSound(tab);
    await screenshot(tab.page, "chat-pictures");
    await tab.ask("What is on them?");
    await tab.says(/image_url/);
    const said = await tab.main.getByRole("article").textContent();
    assert.equal(said.split("data:image/png;base64,").length, 3);
    await tab.close();
  });

  test("what is not taken is said in words", async () => {
    const tab = await open();
    const input = tab.page.locator("input[type=file]");
    await input.setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
    await tab.says("notes.txt is no picture that models read: give PNG, JPEG, GIF or WebP.");
    await input.setInputFiles({ name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await tab.says("broken.png cannot be read: is the file whole?");
    const many = await Promise.all(["a", "b", "c", "d", "e"].map((name) => file(tab.page, `${name}.png`)));
    await input.setInputFiles(many);
    await tab.says("e.png was left out: at most 4 pictures go with one question.");
    await tab.close();
  });
});

describe("what goes wrong is said, with what to do next", () => {
  const cases = [
    { what: "a provider that is down", model: "nowhere/m", says: "The model's provider does not answer", action: "Try again" },
    { what: "too many requests", model: "sim:status=429", says: "Too many requests at this moment", action: "Try again" },
    { what: "an error in the middle", model: "sim:tokens=9,error_after=3", says: "provider does not answer", action: "Try again", kept: /tok1 tok2 tok3/ },
  ];
  for (const { what, model, says, action, kept } of cases) {
    test(what, async () => {
      const tab = await open();
      await tab.choose(model);
      await tab.ask("Hello");
      await tab.says(says);
      if (kept) await tab.says(kept);
      assert.ok(await tab.button(action).isVisible());
      await assertSound({ ...tab, problems: tab.problems.filter((one) => !/Failed to load resource/.test(one)) });
      await tab.close();
    });
  }


  test("an unknown model; a rule or a provider may know it", async () => {
    const other = await startWithAdmin();
    const tab = await openChatPage(browser, other);
    await tab.choose("nobody-has-this");
    await tab.ask("Hello");
    await tab.says("There is no model “nobody-has-this”");
    assert.ok(await tab.main.getByRole("link", { name: "Providers" }).isVisible());
    await tab.close();
    await other.stop();
  });

  test("a connection that is cut: the text stays, and is called unfinished", async () => {
    const other = await startWithAdmin();
    const tab = await openChatPage(browser, other);
    await tab.choose("sim:tokens=500,itl_ms=20");
    await tab.ask("A long one");
    await tab.says(/tok9/);
    other.child.kill("SIGKILL");
    await tab.says(/^The connection was cut after/);
    await tab.says("unfinished");
    await tab.says(/tok9/);
    await tab.close();
  });

  test("the network goes away", async () => {
    const tab = await open();
    await tab.choose("sim-stalls");
    await tab.ask("Hello");
    await tab.says(/tok1/);
    await tab.context.setOffline(true);
    await tab.says(/^The connection was cut after/);
    await tab.context.setOffline(false);
    await tab.choose("sim:tokens=4");
    await tab.button("Try again").click();
    await tab.says(/tok4/);
    await tab.close();
  });

  test("a session that has ended: signed in again, and the question goes on", async () => {
    const tab = await open();
    await tab.choose("sim:tokens=7");
    const { sessions } = await gateway.api.get("/api/sessions");
    for (const { id } of sessions) await gateway.api.call("DELETE", `/api/sessions/${id}`);
    await tab.ask("Still there?");
    const dialog = tab.page.getByRole("dialog");
    await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await tab.says(/tok7/);
    await tab.close();
  });
});

describe("over a reload", () => {
  test("the conversation is there again, what was on its way is marked, and nobody else sees it", async () => {
    const tab = await open();
    await tab.choose("sim:tokens=3");
    await tab.ask("Remember this");
    await tab.says(/tok3/);
    await tab.choose("sim-stalls");
    await tab.ask("And this one");
    await tab.says(/tok4/);
    await tab.page.reload();
    await settled(tab.page);
    await tab.says("Remember this");
    await tab.says("The page was left while the answer came");
    assert.equal(await tab.model.inputValue(), "sim-stalls");
    await assertSound(tab);
    // Another page and back is no reload.
    await tab.page.getByRole("link", { name: "Requests", exact: true }).first().click();
    await tab.page.getByRole("heading", { name: "Requests" }).waitFor();
    await tab.page.getByRole("link", { name: "Chat", exact: true }).first().click();
    await tab.says("Remember this");
    await tab.page.getByRole("button", { name: "admin" }).click();
    await tab.page.getByRole("button", { name: "Sign out" }).click();
    await tab.page.getByLabel("Password", { exact: true }).waitFor();
    assert.equal(await tab.page.evaluate(() => sessionStorage.getItem("chat")), null);
    await tab.close();
  });
});

describe("the limits", () => {
  const settings = () => gateway.api.get("/api/settings/chat");

  test("are changed here; what is wrong with their order is said while one types, and refused", async () => {
    const tab = await open();
    await tab.button("Limits").click();
    const dialog = tab.page.getByRole("dialog", { name: "Limits of a chat" });
    await dialog.getByText("Each limit ends before the one around it").waitFor();
    await dialog.getByLabel("Browser").fill("1m");
    await dialog.getByText("The browser gives up after 1 min, before a model call ends after 2 min").waitFor();
    await assertSound(tab);
    await screenshot(tab.page, "chat-limits");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("The order is broken: mend it, or accept it below.").waitFor();
    assert.equal((await settings()).browser_seconds, 180);
    await dialog.getByLabel("Rounds at most").fill("many");
    await dialog.getByLabel("Browser").fill("4m");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(/Give a whole number from 1 to/).waitFor();
    await dialog.getByLabel("Rounds at most").fill("6");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "hidden" });
    await tab.says("4 min");
    const { browser_seconds, rounds_max } = await settings();
    assert.deepEqual([browser_seconds, rounds_max], [240, 6]);
    await tab.button("Limits").click();
    await dialog.getByRole("button", { name: "Reset to defaults" }).click();
    await dialog.getByLabel("Browser").fill("10m");
    await dialog.getByLabel("Save it although the order is broken").check();
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "hidden" });
    assert.equal((await settings()).browser_seconds, 600);
    await gateway.api.put("/api/settings/chat", { browser_seconds: null, rounds_max: null });
    await tab.close();
  });

  test("a viewer looks at them, chats, and changes nothing", async () => {
    await gateway.api.post("/api/users", { name: "vera", password: PASSWORD, role: "viewer" });
    const tab = await open({ as: "vera" });
    await tab.button("Limits").click();
    const dialog = tab.page.getByRole("dialog", { name: "Limits of a chat" });
    await dialog.getByText("Each limit ends before the one around it").waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Save" }).count(), 0);
    await dialog.getByRole("button", { name: "Close" }).first().click();
    await tab.choose("sim:tokens=2");
    await tab.ask("Hello");
    await tab.says(/tok2/);
    assert.equal(await tab.main.getByRole("link", { name: "Add a database" }).count(), 0);
    await assertSound(tab);
    await tab.close();
  });

  test("what is left is shown as a ring and in words, with the one that would fire next", async () => {
    const tab = await open();
    await tab.choose("sim-stalls");
    await tab.ask("Hello");
    await tab.says(/^model call, in 1 min/);
    await assertSound(tab);
    await screenshot(tab.page, "chat-running");
    await tab.page.keyboard.press("Escape");
    await tab.says(/^Stopped by you/);
    await tab.close();
  });

  test("the chain of the chat page is one of those on the page Timeouts", async () => {
    const { page, close } = await openPage(browser, gateway, { path: "/ui/timeouts?endpoint=chat_page" });
    await settled(page);
    await page.getByRole("row", { name: /^The chat page's wait/ }).getByText("3 min").first().waitFor();
    await close();
  });
});

test("the page is reached from everywhere", async () => {
  const tab = await openPage(browser, gateway, { width: 390 });
  await settled(tab.page);
  await tab.page.getByRole("link", { name: "Chat", exact: true }).click();
  await tab.page.getByRole("heading", { name: "Chat", exact: true }).waitFor();
  await tab.page.getByRole("button", { name: "More" }).click();
  await tab.page.getByRole("link", { name: "Settings", exact: true }).locator("visible=true").click();
  await tab.page.getByRole("heading", { name: "Settings", exact: true }).waitFor();
  await assertSound(tab);
  await tab.close();
});
