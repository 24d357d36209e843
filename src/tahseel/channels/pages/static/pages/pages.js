// The little that pages need beyond htmx: theme, dialogs, shortcuts, focus, chart read-outs, the
// form token. Everything works without it except dialogs and read-outs.
"use strict";

const root = document.documentElement;
const YEAR_S = 365 * 24 * 3600;

function isDark() {
  const chosen = root.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function changeTheme(event) {
  event.preventDefault();
  const theme = isDark() ? "light" : "dark";
  root.dataset.theme = theme;
  document.cookie = `tahseel_theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

function onClick(event) {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog").close();
  if (event.target.matches("dialog")) event.target.close();
  if (event.target.closest("[data-theme-toggle]")) changeTheme(event);
}

function onKey(event) {
  if (!/^F\d{1,2}$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  const target = document.querySelector(`[data-shortcut="${event.key}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
}

function onPointer(event) {
  const slot = event.target.closest?.(".slot");
  const figure = event.target.closest?.(".chart");
  if (!figure) return;
  figure.querySelector(".readout").textContent = slot ? slot.dataset.read : "";
}

function takeFocus(within) {
  within.querySelector("[data-takes-focus]")?.focus();
}

function announce(text) {
  document.getElementById("announcements").textContent = text;
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.addEventListener("pointerover", onPointer);
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRFToken"] = token.content;
});
document.addEventListener("htmx:afterSwap", (event) => {
  takeFocus(event.target);
  const said = event.target.querySelector("[data-announce]");
  if (said) announce(said.dataset.announce);
});
takeFocus(document);
