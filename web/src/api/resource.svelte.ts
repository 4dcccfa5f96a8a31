// Something read from the server, with the state of reading it.
//
//   const users = resource((signal) => good(api.GET("/api/users", { signal })));
//   {#if users.data} ... {:else if users.error} <ErrorState error={users.error} retry={users.reload} /> ...
//
// What `load` reads of reactive state before its first await is followed: it is loaded anew when that changes.
// While it loads anew the old data stay; after an error too. Call it while a component is initialised.

import { untrack } from "svelte";
import type { Answer } from "./client";
import { toApiError, type ApiError } from "./problem";

export class Resource<T> {
  data = $state.raw<T>();
  etag = $state("");
  error = $state.raw<ApiError>();
  loading = $state(true);
  #load: (signal: AbortSignal) => Promise<Answer<T>>;
  #running: AbortController | undefined;

  constructor(load: (signal: AbortSignal) => Promise<Answer<T>>) {
    this.#load = load;
  }

  reload = async (): Promise<void> => {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    const promise = this.#load(controller.signal);
    untrack(() => (this.loading = true));
    try {
      const answer = await promise;
      if (controller.signal.aborted) return;
      this.data = answer.data;
      this.etag = answer.etag;
      this.error = undefined;
    } catch (error) {
      if (controller.signal.aborted) return;
      this.error = toApiError(error);
    } finally {
      if (this.#running === controller) this.loading = false;
    }
  };

  /** What a change answered is what is there now. */
  set = (answer: Answer<T>): void => {
    this.#running?.abort();
    this.loading = false;
    this.data = answer.data;
    this.etag = answer.etag;
    this.error = undefined;
  };

  stop = (): void => this.#running?.abort();
}

export function resource<T>(load: (signal: AbortSignal) => Promise<Answer<T>>): Resource<T> {
  const made = new Resource<T>(load);
  $effect(() => {
    void made.reload();
    return made.stop;
  });
  return made;
}
