// What the sections of the page share: the drafts of the three that are saved together, and the lists. The page Timeouts
// has the one of the timeouts alone.

import { api, good, ifMatch, type Answer, type Schemas } from "$api/client";
import { Draft, type Values } from "./draft.svelte";

type Effective = Schemas["EffectiveTimeouts"];
type Limit = Effective["settings"][number];

function plain<T extends { version: number }>({ data, etag }: Answer<T>): Answer<Values> {
  const { version: _, ...values } = data;
  return { data: values as unknown as Values, etag };
}

export class Store {
  effective = $state.raw<Effective>();
  readonly timeouts = new Draft({
    read: async () => {
      const { data, etag } = await good(api.GET("/api/settings/timeouts/effective"));
      this.effective = data;
      return { data: Object.fromEntries(data.settings.map(({ name, value }) => [name, value])), etag };
    },
    write: (body, etag) => good(api.PUT("/api/settings/timeouts", { params: { header: ifMatch(etag) }, body })),
  });
  readonly pool = new Draft({
    read: async () => plain(await good(api.GET("/api/settings/pool"))),
    write: (body, etag) => good(api.PUT("/api/settings/pool", { params: { header: ifMatch(etag) }, body })),
  });
  readonly logs = new Draft({
    read: async () => plain(await good(api.GET("/api/settings/logs"))),
    write: (body, etag) => good(api.PUT("/api/settings/logs", { params: { header: ifMatch(etag) }, body })),
  });
  readonly drafts: readonly Draft[];
  savedAt = $state(0);
  saving = $state(false);

  readonly dirty: boolean = $derived.by(() => this.drafts.some((draft) => draft.dirty));
  readonly invalid: boolean = $derived.by(() => this.drafts.some((draft) => draft.invalid));
  readonly changes = $derived.by(() => this.drafts.flatMap((draft) => draft.changes));
  readonly limits: ReadonlyMap<string, Limit> = $derived(
    new Map((this.effective?.settings ?? []).map((limit) => [limit.name, limit])),
  );

  constructor(of: "all" | "timeouts" = "all") {
    this.drafts = of === "all" ? [this.pool, this.timeouts, this.logs] : [this.timeouts];
  }

  load(): void {
    for (const draft of this.drafts) void draft.load();
  }

  /** Another one changed something: the section is read anew, edits stay. */
  changedElsewhere(subject: string): void {
    if (this.saving) return;
    const changed =
      subject === "pool"
        ? this.pool
        : subject === "logs"
          ? this.logs
          : /^(timeouts|rule|provider)/.test(subject)
            ? this.timeouts
            : undefined;
    if (changed && this.drafts.includes(changed)) void changed.load();
  }

  discard = (): void => this.drafts.forEach((draft) => draft.discard());

  /** True when everything is in force; each section is saved whole or not at all. */
  async save(): Promise<boolean> {
    this.saving = true;
    try {
      let good = true;
      for (const draft of this.drafts) good = (await draft.save()) && good;
      if (good) this.savedAt = Date.now();
      return good;
    } finally {
      this.saving = false;
    }
  }

  /** Stages the defaults; nothing is saved by it. What is pinned stays. */
  resetTimeouts(names: readonly string[]): void {
    for (const name of names) {
      const limit = this.limits.get(name);
      if (!limit || limit.pinned) continue;
      this.timeouts.setProblem(name, "");
      this.timeouts.set(name, limit.default);
    }
  }
}
