// Before the first paint, so that a dark page never flashes white. A file, as inline scripts are refused.
(() => {
  let wanted = "system";
  try {
    wanted = localStorage.getItem("theme") || "system";
  } catch {
    // Storage may be switched off.
  }
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
