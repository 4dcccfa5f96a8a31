// The records that are shown: pages of the log that grow downwards; the newest are looked for every few seconds.

import { api, good } from "$api/client";
import { toApiError, type ApiError } from "$api/problem";
import { merged, reaches, toQuery, type Filters, type QueryRecord } from "./filters";

const PAGE = 100;
const AGAIN_MS = 5000;

export class QueryList {
  records = $state.raw<QueryRecord[]>([]);
  older = $state<string>();
  /** Nothing was loaded yet, for these filters. */
  first = $state(true);
  busy = $state(false);
  error = $state.raw<ApiError>();
  #filters: Filters | undefined;
  #run = 0;

  /** Everything is loaded anew; the rows that are there stay until then. */
  show = async (filters: Filters): Promise<void> => {
    this.#filters = filters;
    this.first = true;
    await this.reload();
  };

  reload = async (): Promise<void> => {
    const run = ++this.#run;
    await this.#guarded(run, async () => {
      const page = await this.#page();
      if (run !== this.#run) return;
      this.records = page.queries;
      this.older = page.older;
      this.first = false;
    });
  };

  loadOlder = async (): Promise<void> => {
    const older = this.older;
    const run = this.#run;
    if (!older || this.busy) return;
    await this.#guarded(run, async () => {
      const page = await this.#page(older);
      if (run !== this.#run) return;
      const known = new Set(this.records.map((record) => record.id));
      this.records = [...this.records, ...page.queries.filter((record) => !known.has(record.id))];
      this.older = page.older;
    });
  };

  /** Looks for newer ones until the function that it returns is called. */
  start = (): (() => void) => {
    const timer = setInterval(() => document.hidden || this.first || this.busy || void this.#look(), AGAIN_MS);
    return () => {
      clearInterval(timer);
      ++this.#run;
    };
  };

  async #look(): Promise<void> {
    if (this.#filters?.to) return;
    const run = this.#run;
    try {
      const page = await this.#page();
      if (run !== this.#run) return;
      if (reaches(this.records, page.queries)) this.records = merged(this.records, page.queries);
      else {
        this.records = page.queries;
        this.older = page.older;
      }
      this.error = undefined;
    } catch {
      // The shell says that the gateway cannot be reached; what is there stays.
    }
  }

  async #page(older_than?: string) {
    const query = { ...toQuery(this.#filters as Filters), count: PAGE, ...(older_than ? { older_than } : {}) };
    return (await good(api.GET("/api/queries", { params: { query } }))).data;
  }

  async #guarded(run: number, load: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await load();
      if (run === this.#run) this.error = undefined;
    } catch (error) {
      if (run === this.#run) this.error = toApiError(error);
    } finally {
      if (run === this.#run) this.busy = false;
    }
  }
}
