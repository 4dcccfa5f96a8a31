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
