// The local models as they are: told by the stream of live events, asked for only while that is away.
//
//   onMount(pool.follow);     // in a component that shows them: asks where nothing is told
//   pool.data?.models         // each with `toldAt`, from which its times run on
//
// The shell listens from the beginning, as the stream tells the whole pool only once.

import { api, good, type Schemas } from "./client";
import { live } from "./events.svelte";
import { toApiError, type ApiError } from "./problem";

export type PooledModel = Schemas["PooledModel"] & { toldAt: number };
export type PoolState = Omit<Schemas["PoolState"], "models"> & { models: PooledModel[] };

const FIRST_MS = 700;
const AGAIN_MS = 2000;

export class PoolFeed {
  data = $state.raw<PoolState>();
  error = $state.raw<ApiError>();
  loading = $state(false);
  #told = false;

  /** Until the function that it returns is called. */
  listen = (): (() => void) => live.on("pool", (event) => this.take(event));

  take(event: Schemas["PoolEvent"]): void {
    this.#told = true;
    this.#put(event);
  }

  #put({ whole, models, ...totals }: Schemas["PoolEvent"]): void {
    if (!whole && !this.data) return;
    this.error = undefined;
    const told = models.map((model) => ({ ...model, toldAt: Date.now() }));
    const changed = new Map(told.map((model) => [model.model, model]));
    this.data = {
      ...totals,
      models: whole ? told : this.data!.models.map((one) => changed.get(one.model) ?? one),
    };
  }

  /** What a change by hand answered; the events follow. */
  set(model: Schemas["PooledModel"]): void {
    if (this.data) this.#put({ ...this.data, whole: false, models: [model] });
  }

  find = (name: string): PooledModel | undefined => this.data?.models.find((one) => one.model === name);

  reload = async (): Promise<void> => {
    if (this.loading) return;
    this.loading = true;
    try {
      const { data } = await good(api.GET("/api/pool"));
      this.#put({ ...data, whole: true });
    } catch (error) {
      this.error = toApiError(error);
    }
    this.loading = false;
  };

  follow = (): (() => void) => {
    const look = () => {
      if (live.state !== "open") this.#told = false;
      if (!this.#told && !document.hidden) void this.reload();
    };
    const first = setTimeout(look, FIRST_MS);
    const timer = setInterval(look, AGAIN_MS);
    return () => (clearTimeout(first), clearInterval(timer));
  };
}

export const pool = new PoolFeed();
