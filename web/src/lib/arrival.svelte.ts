// The first arrival of what a page is made of: it is shown whole, once everything is there, so that nothing below
// moves when something above comes late. What takes too long is not waited for.
//
//   const arrival = new Arrival();            // in the page; setArrival(arrival)
//   expectArrival(() => !!users.data);        // in a section, while it is initialised

import { getContext, onMount, setContext } from "svelte";

const WAIT_MS_MAX = 2000;
const KEY = Symbol("arrival");

export class Arrival {
  #expected = $state.raw<(() => boolean)[]>([]);
  #late = $state(false);
  #seen = false;

  expect(holds: () => boolean): void {
    this.#expected = [...this.#expected, holds];
  }

  get complete(): boolean {
    // Once shown it stays shown.
    this.#seen ||= this.#late || this.#expected.every((holds) => holds());
    return this.#seen;
  }

  wait(): () => void {
    const timer = setTimeout(() => (this.#late = true), WAIT_MS_MAX);
    return () => clearTimeout(timer);
  }
}

export function provideArrival(): Arrival {
  const arrival = setContext(KEY, new Arrival());
  onMount(() => arrival.wait());
  return arrival;
}

export const expectArrival = (holds: () => boolean): void =>
  getContext<Arrival | undefined>(KEY)?.expect(holds);
