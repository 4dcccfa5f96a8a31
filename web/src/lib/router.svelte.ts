// The way around: history API below /ui, a guard against leaving edits behind.
//
//   router.path      "/settings", without /ui
//   router.query     URLSearchParams; router.setQuery({model: "a", q: null}) replaces them
//   router.hash      "timeouts"
//   router.go("/requests?outcome=timeout")
//   guard(() => dirty)    in a component: asks before leaving while that is true

import { onDestroy } from "svelte";
import { SvelteURLSearchParams } from "svelte/reactivity";
import { reveal } from "./reveal";

export const BASE = "/ui";

export const href = (path: string): string => `${BASE}${path}`;

type Guard = () => boolean;

class Router {
  path = $state("/");
  hash = $state("");
  readonly query = new SvelteURLSearchParams();
  /** A place that somebody wants to go to while there are edits; the shell asks. */
  wanted = $state.raw<(() => void) | undefined>(undefined);
  /** Counts what is gone to: a page takes the focus when it changes. */
  visits = $state(0);
  #guards = new Set<Guard>();
  #index = 0;
  #passing = false;

  start(): () => void {
    this.#index = (history.state as { index?: number } | null)?.index ?? 0;
    history.replaceState({ index: this.#index }, "");
    this.#read();
    const moved = (event: PopStateEvent) => this.#moved(event);
    const leaving = (event: BeforeUnloadEvent) => {
      if (this.dirty()) event.preventDefault();
    };
    addEventListener("popstate", moved);
    addEventListener("beforeunload", leaving);
    addEventListener("click", this.#clicked);
    return () => {
      removeEventListener("popstate", moved);
      removeEventListener("beforeunload", leaving);
      removeEventListener("click", this.#clicked);
    };
  }

  dirty(): boolean {
    return [...this.#guards].some((holds) => holds());
  }

  addGuard(holds: Guard): () => void {
    this.#guards.add(holds);
    return () => void this.#guards.delete(holds);
  }

  go(target: string, { replace = false } = {}): void {
    const url = new URL(target.startsWith(BASE) ? target : href(target), location.origin);
    const samePage = url.pathname === location.pathname;
    const move = () => {
      if (url.href === location.href || replace) history.replaceState({ index: this.#index }, "", url);
      else history.pushState({ index: ++this.#index }, "", url);
      this.#read();
      if (!samePage) ++this.visits;
      if (url.hash) reveal(url.hash.slice(1));
      else if (!samePage) scrollTo(0, 0);
    };
    if (!samePage && this.dirty()) this.wanted = move;
    else move();
  }

  /** Replaces parameters of the address in place; null takes one away. */
  setQuery(changes: Record<string, string | string[] | null>): void {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) {
      url.searchParams.delete(name);
      for (const one of Array.isArray(value) ? value : value === null ? [] : [value])
        url.searchParams.append(name, one);
    }
    history.replaceState({ index: this.#index }, "", url);
    this.#read();
  }

  leave(): void {
    const go = this.wanted;
    this.wanted = undefined;
    this.#guards.clear();
    go?.();
  }

  #read(): void {
    this.path = location.pathname.slice(BASE.length).replace(/\/+$/, "") || "/";
    this.hash = location.hash.slice(1);
    for (const name of [...this.query.keys()]) this.query.delete(name);
    for (const [name, value] of new URLSearchParams(location.search)) this.query.append(name, value);
  }

  #moved(event: PopStateEvent): void {
    const index = (event.state as { index?: number } | null)?.index ?? 0;
    const samePage = location.pathname.slice(BASE.length).replace(/\/+$/, "") === this.path.replace(/^\/$/, "");
    if (this.#passing || samePage || !this.dirty()) {
      this.#passing = false;
      this.#index = index;
      this.#read();
      if (!samePage) ++this.visits;
      return;
    }
    // The address has moved already: back to where the page still is, and ask.
    const delta = index - this.#index;
    this.#passing = true;
    history.go(-delta);
    this.wanted = () => history.go(delta);
  }

  #clicked = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  };
}

export const router = new Router();

/** While the component lives and `holds()`, leaving the page asks first. */
export function guard(holds: () => boolean): void {
  onDestroy(router.addGuard(holds));
}
