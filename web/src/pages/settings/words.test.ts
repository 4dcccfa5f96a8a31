import { describe, expect, test } from "vitest";
import { authWords, freeName, presetsFor, slotsWords, urlHint, type Preset } from "./presets";
import { ruleBrief, shareWords } from "./rules";

const preset = (name: string, local: boolean, more: Partial<Preset> = {}): Preset => ({
  name,
  title: name,
  kind: "openai",
  base_url: `http://${name}/v1`,
  auth: "bearer",
  local,
  needs_key: !local,
  note: "",
  documentation: "",
  ...more,
});

describe("presets", () => {
  const all = [preset("openai", false), preset("anthropic", false), preset("ollama", true)];
  const names = (typed: string) => presetsFor(all, typed).map((one) => one.name);

  test("local ones stand first; what is typed finds", () => {
    expect(names("")).toEqual(["ollama", "openai", "anthropic"]);
    expect(names("local")).toEqual(["ollama"]);
    expect(names("anth")).toEqual(["anthropic"]);
    expect(names("nothing of this")).toEqual([]);
  });

  test("a name is suggested that is free", () => {
    expect(freeName("ollama", [])).toBe("ollama");
    expect(freeName("ollama", ["ollama", "ollama-2"])).toBe("ollama-3");
  });

  test("say what is to be given", () => {
    expect(urlHint("anthropic", undefined)).toContain("https://api.anthropic.com/v1");
    const form = "https://RESOURCE.openai.azure.com/openai/v1";
    expect(urlHint("openai", preset("azure-openai", false, { base_url: "", base_url_form: form }))).toBe(
      `Yours, of the form ${form}`,
    );
    expect(authWords("api-key")).toBe("It goes into the header api-key.");
    expect(authWords("none")).toBe("No key is sent.");
    expect(slotsWords(0, 100)).toBe("Any number of requests at once; none has to wait.");
    expect(slotsWords(4, 100)).toBe("At most 4 requests at once per model; 100 more may wait.");
    expect(slotsWords(1, 0)).toBe("At most 1 request at once per model; none may wait.");
  });
});

describe("rules", () => {
  const rule = (more: object) =>
    ruleBrief({ balance: "in_order", targets: [], retries_max: 0, stream_upstream: false, ...more });
  const targets = [{ provider: "a", weight: 3 }, { provider: "b" }];

  test("tell briefly what is unusual", () => {
    expect(rule({ targets })).toBe("");
    expect(rule({ targets, balance: "weighted", retries_max: 1, stream_upstream: true })).toBe(
      "by weight 3 : 1 · 1 retry · streams upstream",
    );
    expect(rule({ targets: [{ provider: "a" }, { provider: "b" }], balance: "least_loaded" })).toBe(
      "the least loaded",
    );
    expect(rule({ targets: [{ provider: "a" }], balance: "weighted" })).toBe("");
  });

  test("a share of the requests", () => {
    expect(shareWords("weighted", 3, [3, 1])).toBe("75 % of requests");
    expect(shareWords("weighted", 0, [3, 0])).toBe("only when all others fail");
    expect(shareWords("weighted", 1, [1, 0])).toBe("all requests");
    expect(shareWords("least_loaded", 3, [3, 1])).toBe("");
  });
});
