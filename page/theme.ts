import { byId } from "./element.js";

const themes = ["system", "light", "dark"];
const key = "tarbisect-colours";

/** The button that goes from the system's colours to light and to dark; remembered where the browser allows it. */
export function startTheme(): void {
  const button = byId("theme", HTMLButtonElement);
  const show = (theme: string): void => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `colours: ${theme}`;
  };
  let current = remembered();
  show(current);
  button.addEventListener("click", () => {
    current = themes[(themes.indexOf(current) + 1) % themes.length]!;
    show(current);
    try {
      localStorage.setItem(key, current);
    } catch {
      return; // a file opened from a disk may have no storage
    }
  });
}

function remembered(): string {
  try {
    const theme = localStorage.getItem(key) ?? "";
    return themes.includes(theme) ? theme : "system";
  } catch {
    return "system";
  }
}
