import { describe, expect, it } from "vitest";
import { ApiError } from "$api/problem";
import { Draft, type Values } from "./draft.svelte";

function served(values: Values) {
  const server = { values, version: 1, written: [] as Values[], error: undefined as ApiError | undefined };
  const draft = new Draft({
    read: async () => ({ data: { ...server.values }, etag: `"${server.version}"` }),
    write: async (changes, etag) => {
      if (server.error) throw server.error;
      if (etag !== `"${server.version}"`) throw new ApiError(412, {});
      server.written.push(changes);
      server.values = { ...server.values, ...changes };
      ++server.version;
    },
  });
  return { server, draft };
}

describe("a draft", () => {
  it("knows what is changed, and forgets what is set back", async () => {
    const { draft } = served({ chat_seconds: 900 });
    await draft.load();
    draft.set("chat_seconds", 1200);
    expect(draft.changes).toEqual([{ name: "chat_seconds", before: 900, after: 1200 }]);
    draft.set("chat_seconds", 900);
    expect(draft.dirty).toBe(false);
  });

  it("saves only what is changed", async () => {
    const { server, draft } = served({ chat_seconds: 900, idle_seconds: 120 });
    await draft.load();
    draft.set("chat_seconds", 1200);
    expect(await draft.save()).toBe(true);
    expect(server.written).toEqual([{ chat_seconds: 1200 }]);
    expect([draft.dirty, draft.value("chat_seconds")]).toEqual([false, 1200]);
  });

  it("keeps the edits when somebody else was faster, and says what differs", async () => {
    const { server, draft } = served({ chat_seconds: 900, idle_seconds: 120 });
    await draft.load();
    draft.set("chat_seconds", 1200);
    server.values = { chat_seconds: 1800, idle_seconds: 60 };
    ++server.version;
    expect(await draft.save()).toBe(false);
    expect(draft.value("chat_seconds")).toBe(1200);
    expect(draft.elsewhere).toEqual([
      { name: "chat_seconds", before: 900, after: 1800, mine: 1200 },
      { name: "idle_seconds", before: 120, after: 60, mine: undefined },
    ]);
    expect(await draft.save()).toBe(true);
    expect(server.values).toEqual({ chat_seconds: 1200, idle_seconds: 60 });
  });

  it("can take what the other one set", async () => {
    const { server, draft } = served({ chat_seconds: 900 });
    await draft.load();
    draft.set("chat_seconds", 1200);
    server.values = { chat_seconds: 1800 };
    ++server.version;
    await draft.save();
    draft.takeTheirs("chat_seconds");
    expect([draft.dirty, draft.value("chat_seconds"), draft.elsewhere]).toEqual([false, 1800, []]);
  });

  it("puts errors at their fields and loses nothing", async () => {
    const { server, draft } = served({ chat_seconds: 900 });
    await draft.load();
    draft.set("chat_seconds", 5);
    server.error = new ApiError(422, {
      errors: [{ field: "chat_seconds", message: "is 5: give 60 to 7200 seconds" }],
    });
    expect(await draft.save()).toBe(false);
    expect(draft.problem("chat_seconds")).toBe("Is 5: give 60 to 7200 seconds.");
    expect(draft.value("chat_seconds")).toBe(5);
    draft.set("chat_seconds", 60);
    expect(draft.problem("chat_seconds")).toBe("");
  });

  it("keeps the edits when nobody answers", async () => {
    const { server, draft } = served({ chat_seconds: 900 });
    await draft.load();
    draft.set("chat_seconds", 1200);
    server.error = new ApiError(0, { detail: "gone" });
    expect(await draft.save()).toBe(false);
    expect([draft.error?.message, draft.value("chat_seconds")]).toEqual(["gone", 1200]);
  });
});
