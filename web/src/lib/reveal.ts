import { tick } from "svelte";

/**
 * Brings what has this id into sight, opening what it is folded away in. A section gets the focus itself, so that
 * Tab goes on from there; of anything else its first control.
 */
export function reveal(id: string): void {
  const element = document.getElementById(id);
  if (!element) return;
  for (let fold = element.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null)
    fold.open = true;
  const whole = element.matches("section");
  element.scrollIntoView({ block: whole ? "start" : "center" });
  if (whole) element.tabIndex = -1;
  const target = whole ? element : element.querySelector<HTMLElement>("input, button, select, summary");
  target?.focus({ preventScroll: true });
}

/**
 * When what had the focus is gone, the section that it was in takes it, so that Tab does not begin anew. A dialog may
 * give the focus back to a row that is about to go: until the next key or press, the section waits for that.
 */
export async function keepFocusIn(id: string): Promise<void> {
  await tick();
  const section = document.getElementById(id);
  if (!section || takeLostFocus(section)) return;
  const observer = new MutationObserver(() => takeLostFocus(section) && observer.disconnect());
  observer.observe(section, { childList: true, subtree: true });
  for (const used of ["keydown", "pointerdown"])
    window.addEventListener(used, () => observer.disconnect(), { once: true, capture: true });
}

function takeLostFocus(section: HTMLElement): boolean {
  if (document.activeElement && document.activeElement !== document.body) return false;
  section.tabIndex = -1;
  section.focus({ preventScroll: true });
  return true;
}
