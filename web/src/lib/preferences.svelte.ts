// What this browser remembers: the theme, and whether single keys are shortcuts.

export type Theme = "system" | "light" | "dark";

const read = (name: string): string | null => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
const write = (name: string, value: string): void => {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It holds for as long as the page.
  }
};

class Preferences {
  #theme = $state<Theme>((read("theme") as Theme | null) ?? "system");
  #keys = $state(read("single-keys") !== "off");

  get theme(): Theme {
    return this.#theme;
  }
  set theme(theme: Theme) {
    this.#theme = theme;
    write("theme", theme);
    this.apply();
  }
  get singleKeys(): boolean {
    return this.#keys;
  }
  set singleKeys(on: boolean) {
    this.#keys = on;
    write("single-keys", on ? "on" : "off");
  }

  apply = (): void => {
    const dark =
      this.#theme === "dark" ||
      (this.#theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.classList.toggle("dark", dark);
  };

  follow(): () => void {
    const query = matchMedia("(prefers-color-scheme: dark)");
    query.addEventListener("change", this.apply);
    return () => query.removeEventListener("change", this.apply);
  }
}

export const preferences = new Preferences();
