// The requests that are shown: pages of the log that grow downwards, live ones on top, running ones above all.
//
//   const list = new RequestList();  $effect(() => list.show(filters));  onMount(list.start)
//
// While `paused` nothing on screen moves: what ends is kept and counted (`waiting`), and put in on `resume`.
// If the stream of events was away, the newest page is read anew; when that leaves a gap the list begins
// afresh, at once or, paused, on resume.

import { api, good } from "$api/client";
import { live } from "$api/events.svelte";
import { toApiError, type ApiError } from "$api/problem";
import { matches, noFilters, isOpenEnded, toQuery, type Entry, type Filters } from "./filters";
import { merged, reaches, withLive } from "./merge";
import type { Running } from "./words";

const PAGE_ENTRIES = 200;
const PAINT_MS = 250;
const AFTER_ERROR_MS = 5000;

interface Page {
  requests: Entry[];
  older?: string;
}

export class RequestList {
  entries = $state.raw<Entry[]>([]);
  running = $state.raw<Running[]>([]);
  /** When the numbers of `running` were taken. */
  runningAt = $state(0);
  older = $state<string>();
  /** Nothing was loaded yet, for these filters. */
  first = $state(true);
  loadingOlder = $state(false);
  error = $state.raw<ApiError>();
  paused = $state(false);
  waiting = $state(0);
  /** Ids that have come while one looked: they fade in. */
  fresh = $state.raw<ReadonlySet<number>>(new Set());
  /** What a summary for screen readers has not told yet. */
  #told: { requests: number; timeouts: number; errors: number } = { requests: 0, timeouts: 0, errors: 0 };
  #filters: Filters = noFilters();
  #held: Entry[] = [];
  #batch: Entry[] = [];
  #gap = false;
  #run = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #paint: ReturnType<typeof setTimeout> | undefined;
  #latestRunning: Running[] = [];

  /** Filters of another kind: everything is loaded anew. The rows that are there stay until then. */
  async show(filters: Filters): Promise<void> {
    this.#filters = filters;
    this.first = true;
    this.#held = [];
    this.#batch = [];
    this.waiting = 0;
    await this.reload();
  }

  reload = async (): Promise<void> => {
    const run = ++this.#run;
    clearTimeout(this.#retry);
    try {
      const page = await this.#page({});
      if (run !== this.#run) return;
      this.entries = page.requests;
      this.older = page.older;
      this.error = undefined;
      this.#gap = false;
      this.first = false;
      this.#takeIn();
    } catch (error) {
      if (run !== this.#run) return;
      this.#failed(error, this.reload);
    }
  };

  loadOlder = async (): Promise<void> => {
    if (!this.older || this.loadingOlder || this.first) return;
    const run = this.#run;
    this.loadingOlder = true;
    try {
      const page = await this.#page({ older_than: this.older });
      if (run !== this.#run) return;
      this.entries = merged(this.entries, page.requests);
      this.older = page.older;
      this.error = undefined;
    } catch (error) {
      if (run === this.#run) this.#failed(error, this.loadOlder);
    } finally {
      this.loadingOlder = false;
    }
  };

  pause = (): void => void (this.paused = true);

  resume = async (): Promise<void> => {
    this.paused = false;
    this.running = this.#latestRunning;
    if (this.#gap) await this.reload();
    else this.#takeIn();
  };

  /** Follows the events until the function that it returns is called. */
  start = (): (() => void) => {
    const stops = [
      live.on("request", (entry) => this.#came(entry)),
      live.on("running", ({ requests }) => this.#runs(requests)),
    ];
    void good(api.GET("/api/requests/running")).then(
      ({ data }) => this.#runs(data.requests),
      () => {},
    );
    return () => {
      for (const stop of stops) stop();
      clearTimeout(this.#paint);
      clearTimeout(this.#retry);
      ++this.#run;
    };
  };

  /** The stream is there again: was anything missed? */
  async catchUp(): Promise<void> {
    if (this.first || !isOpenEnded(this.#filters)) return;
    const run = this.#run;
    try {
      const page = await this.#page({});
      if (run !== this.#run) return;
      if (reaches(this.entries, page.requests, !page.older)) this.#came(...page.requests);
      else if (this.paused) {
        this.#gap = true;
        this.waiting = Math.max(1, this.waiting);
      } else await this.reload();
    } catch {
      // The shell says that the gateway cannot be reached.
    }
  }

  /** "12 new requests, 1 timeout", once. */
  summary(): string {
    const { requests, timeouts, errors } = this.#told;
    this.#told = { requests: 0, timeouts: 0, errors: 0 };
    if (!requests) return "";
    const part = (count: number, one: string) => (count ? `, ${count} ${one}${count === 1 ? "" : "s"}` : "");
    return `${requests} new request${requests === 1 ? "" : "s"}${part(timeouts, "timeout")}${part(errors, "error")}`;
  }

  async #page(cursor: { older_than?: string }): Promise<Page> {
    const query = { ...toQuery(this.#filters), ...cursor, count: PAGE_ENTRIES };
    return (await good(api.GET("/api/requests", { params: { query } }))).data as Page;
  }

  #failed(error: unknown, again: () => Promise<void>): void {
    this.error = toApiError(error);
    if (this.error.unreachable || this.error.status >= 500)
      this.#retry = setTimeout(() => void again(), AFTER_ERROR_MS);
  }

  #came(...entries: Entry[]): void {
    const now = Date.now();
    for (const entry of entries) if (matches(entry, this.#filters, now)) this.#batch.push(entry);
    this.#paint ??= setTimeout(() => this.#takeIn(), PAINT_MS);
  }

  #runs(requests: Running[]): void {
    const list = requests
      .filter((one) => this.#runningMatches(one))
      .sort((a, b) => (a.started < b.started ? 1 : -1));
    this.#latestRunning = list;
    this.runningAt = Date.now();
    if (!this.paused) this.running = list;
    else {
      // The rows stay where they are; those that have ended are as they were last seen.
      const now = new Map(list.map((one) => [one.request_id, one]));
      this.running = this.running.map((one) => now.get(one.request_id) ?? { ...one, phase: "ended" as const });
    }
  }

  #runningMatches(one: Running): boolean {
    const { endpoint, model, provider, outcome, limit, status, key, q, to } = this.#filters;
    if (outcome.length || limit.length || status.length || to) return false;
    const among = (wanted: string[], value: string) => !wanted.length || wanted.includes(value);
    if (!among(key, one.api_key) || !among(endpoint, one.endpoint)) return false;
    if (!among(model, one.model) || !among(provider, one.provider)) return false;
    return !q || one.request_id === q || one.model.toLowerCase().includes(q.toLowerCase());
  }

  #takeIn(): void {
    clearTimeout(this.#paint);
    this.#paint = undefined;
    if (this.first) return;
    const came = this.#batch.splice(0);
    for (const entry of came) {
      ++this.#told.requests;
      if (entry.outcome === "timeout") ++this.#told.timeouts;
      if (entry.outcome === "error") ++this.#told.errors;
    }
    if (this.paused) {
      this.#held.push(...came);
      const known = new Set(this.entries.map((entry) => entry.id));
      this.#held = [
        ...new Map(this.#held.filter((one) => !known.has(one.id)).map((one) => [one.id, one])).values(),
      ];
      this.waiting = this.#held.length + (this.#gap ? 1 : 0);
      return;
    }
    const all = [...this.#held.splice(0), ...came];
    this.waiting = 0;
    if (!all.length) return;
    const known = new Set(this.entries.map((entry) => entry.id));
    this.fresh = new Set(all.filter((entry) => !known.has(entry.id)).map((entry) => entry.id));
    this.entries = withLive(this.entries, all, !this.older);
  }
}
