// Of which requests the chain is: endpoint, streamed or whole, a rule, a provider or a local model. In the address of the page.

import { api, good, type Schemas } from "$api/client";
import { resource } from "$api/resource.svelte";
import { router } from "$lib/router.svelte";

export type Endpoint = Schemas["TimeoutChain"]["endpoint"];

export const ENDPOINT_NAMES: readonly { value: Endpoint; label: string }[] = [
  { value: "chat", label: "Chat Completions" },
  { value: "completions", label: "Text Completions" },
  { value: "embeddings", label: "Embeddings" },
  { value: "chat_page", label: "The chat page" },
];

/** Make it while a component is initialised. */
export class Subject {
  #rules = resource((signal) => good(api.GET("/api/settings/rules", { signal })));
  #providers = resource((signal) => good(api.GET("/api/settings/providers", { signal })));
  #models = resource((signal) => good(api.GET("/api/settings/models", { signal })));

  readonly endpoint: Endpoint = $derived(
    ENDPOINT_NAMES.find((one) => one.value === router.query.get("endpoint"))?.value ?? "chat",
  );
  /** The page has limits of its own, around those of the calls that it makes. */
  readonly isPage = $derived(this.endpoint === "chat_page");
  readonly canStream = $derived(this.endpoint !== "embeddings" && !this.isPage);
  readonly stream = $derived(this.isPage || (this.canStream && router.query.get("stream") !== "false"));
  /** "", "rule:ID", "provider:NAME" or "model:NAME"; what is gone counts as nothing. */
  readonly target = $derived.by(() => {
    const wanted = this.isPage ? "" : (router.query.get("for") ?? "");
    return this.targets.some((one) => one.value === wanted) ? wanted : "";
  });
  readonly targets = $derived([
    { value: "", label: "Any model" },
    ...(this.#rules.data?.rules ?? []).map((one) => ({
      value: `rule:${one.id}`,
      label: `Rule ${one.pattern}`,
    })),
    ...(this.#providers.data?.providers ?? []).map((one) => ({
      value: `provider:${one.name}`,
      label: `Provider ${one.name}`,
    })),
    ...(this.#models.data?.models ?? []).map((one) => ({
      value: `model:${one.name}`,
      label: `Local model ${one.name}`,
    })),
  ]);
  readonly provider = $derived(this.target.startsWith("provider:") ? this.target.slice(9) : undefined);
  readonly localModel = $derived(this.target.startsWith("model:") ? this.target.slice(6) : undefined);
  /** The pattern of the rule, which is how the log knows it. */
  readonly rule = $derived(
    this.target.startsWith("rule:")
      ? this.#rules.data?.rules.find((one) => `rule:${one.id}` === this.target)?.pattern
      : undefined,
  );
  readonly query = $derived({
    endpoint: this.endpoint,
    stream: this.stream,
    ...(this.target.startsWith("rule:") ? { rule: this.target.slice(5) } : {}),
    ...(this.provider === undefined ? {} : { provider: this.provider }),
    ...(this.localModel === undefined ? {} : { model: this.localModel }),
  });
  readonly ready = $derived(
    [this.#rules, this.#providers, this.#models].every((one) => !!one.data || !!one.error),
  );

  reload = (): void => {
    void this.#rules.reload();
    void this.#providers.reload();
    void this.#models.reload();
  };
}
