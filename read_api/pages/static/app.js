// What the pages do beyond links and forms: everything here is an addition, nothing depends on it.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripted");
  const year = 31536000;
  const remember = (name, value) => {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${year}; samesite=lax`;
  };
  const remembered = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));

  // Times are written by the server in this zone; the first visit is written again in it.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && remembered("zone") !== `zone=${encodeURIComponent(zone)}`) {
    remember("zone", zone);
    if (zone !== "UTC" && remembered("zone")) location.reload();
  }

  const setting = (name, otherwise) => localStorage.getItem(`wharf.${name}`) ?? otherwise;

  const actions = {
    theme() {
      const dark = root.dataset.theme === "dark" ||
        (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
      root.dataset.theme = dark ? "light" : "dark";
      remember("theme", root.dataset.theme);
    },
    help() {
      document.getElementById("keyboard").showModal();
    },
    speed(button) {
      const sound = button.parentElement.querySelector("audio");
      sound.playbackRate = sound.playbackRate >= 2 ? 1 : sound.playbackRate + 0.5;
      button.textContent = `${sound.playbackRate}×`;
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button && actions[button.dataset.action]) actions[button.dataset.action](button);
    // The backdrop belongs to the dialog itself.
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.setting;
    if (name) localStorage.setItem(`wharf.${name}`, event.target.checked);
  });

  const writing = (element) => element.closest("input, textarea, select, [contenteditable]");

  const beside = (step) => {
    const rows = [...document.querySelectorAll("#list .row")];
    const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = rows[here < 0 ? 0 : here + step];
    if (next) next.click();
  };

  const withAlt = {
    KeyJ: () => beside(1),
    KeyK: () => beside(-1),
    KeyR: () => document.querySelector("[data-command=mark-read]")?.requestSubmit(),
    KeyP: () => document.getElementById("note")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      if (!event.shiftKey && withAlt[event.code]) {
        event.preventDefault();
        withAlt[event.code]();
      }
      return;
    }
    if (writing(event.target) || document.querySelector("dialog[open]")) return;
    if (setting("single-keys", "true") !== "true") return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
    if (event.key === "?") actions.help();
  });

  const settle = () => {
    for (const box of document.querySelectorAll("[data-setting]")) {
      box.checked = setting(box.dataset.setting, "true") === "true";
    }
    const target = document.querySelector(".bubble.target") ?? document.getElementById("unread");
    target?.scrollIntoView({ block: "center" });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", settle);
  else settle();
})();
