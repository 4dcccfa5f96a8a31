import { flushSync } from "svelte";
import { describe, expect, test } from "vitest";
import { announce, notices, toast } from "./notices.svelte";

describe("notices", () => {
  test("an effect that speaks runs once, not again because it spoke", () => {
    let runs = 0;
    let count = $state(0);
    const stop = $effect.root(() => {
      $effect(() => {
        ++runs;
        if (runs > 20) throw new Error("a loop");
        announce(`count ${count}`);
        toast("saved", { action: { label: "undo", run: () => {} } });
      });
    });
    flushSync();
    expect(runs).toBe(1);
    announce("something else");
    flushSync();
    expect(runs).toBe(1);
    count = 1;
    flushSync();
    expect(runs).toBe(2);
    stop();
  });

  test("the same words again are other words", () => {
    announce("done");
    const first = notices.polite;
    announce("done");
    expect(notices.polite).not.toBe(first);
    expect(notices.polite.trim()).toBe("done");
  });
});
