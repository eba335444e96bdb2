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
    async copy(button) {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    },
    speed(button) {
      const sound = button.parentElement.querySelector("audio");
      sound.playbackRate = sound.playbackRate >= 2 ? 1 : sound.playbackRate + 0.5;
      button.textContent = `${sound.playbackRate}×`;
    },
  };

  const menus = () => document.querySelectorAll("details[data-menu][open]");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button && actions[button.dataset.action]) actions[button.dataset.action](button);
    for (const menu of menus()) {
      if (!menu.contains(event.target) || event.target.closest("a")) menu.open = false;
    }
    // The backdrop belongs to the dialog itself.
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.setting;
    if (name) localStorage.setItem(`wharf.${name}`, event.target.checked);
  });

  // Nor does one close under the reader when a list that was asked for before arrives behind it.
  htmx.registerExtension("menus", {
    htmx_before_morph_attr: (element, { attrName }) =>
      !(attrName === "open" && element.matches("details[data-menu]")),
  });

  const writing = (element) => element.closest("input, textarea, select, [contenteditable]");

  const beside = (step) => {
    const rows = [...document.querySelectorAll("#list .row")];
    const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = rows[here < 0 ? 0 : here + step];
    if (next) next.click();
  };

  const command = (name) => {
    const form = document.querySelector(`form[data-command=${name}]`);
    form?.requestSubmit(form.querySelector("button"));
  };

  const withAlt = {
    KeyJ: () => beside(1),
    KeyK: () => beside(-1),
    KeyR: () => command("mark-read"),
    KeyE: () => command("done"),
    KeyU: () => command("mark-unread"),
    KeyP: () => document.querySelector(".note-form textarea")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    // What a number counts goes away without a move of the pointer, and comes back with one.
    if (event.key === "Escape") {
      for (const about of document.querySelectorAll(".about:hover, .about:focus-within")) {
        about.classList.add("closed");
        about.addEventListener("pointerleave", () => about.classList.remove("closed"), { once: true });
        about.addEventListener("focusout", () => about.classList.remove("closed"), { once: true });
      }
      for (const menu of menus()) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
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

  // ----- what is said about the connection, and about what did not work

  const bars = () => document.getElementById("bars");
  const bar = (id, text, kind = "") => {
    let here = document.getElementById(id);
    if (!text) return here?.remove();
    if (!here) {
      here = document.createElement("p");
      here.id = id;
      bars().append(here);
    }
    here.className = `bar ${kind}`;
    here.textContent = text;
  };
  const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

  let missed = null;
  let lost = null;
  document.addEventListener("wharf:live", ({ detail }) => {
    const light = document.getElementById("live");
    if (light) {
      light.hidden = false;
      light.classList.toggle("off", !detail.live);
      light.querySelector("[data-live-text]").textContent = detail.live ? "live" : "not live";
    }
    clearTimeout(lost);
    if (!detail.live) {
      // A blink is nobody's business.
      lost = setTimeout(() => {
        missed ??= 0;
        bar("connection", `Not live since ${clock(detail.since)}, trying again.`);
      }, 1500);
    } else if (missed !== null) {
      bar("connection", "Live again, catching up.", "good");
      setTimeout(() => {
        bar("connection", missed ? `Caught up, ${missed} new.` : "Caught up, nothing new.", "good");
        missed = null;
        setTimeout(() => missed === null && bar("connection", ""), 6000);
      }, 800);
    }
  });
  document.addEventListener("wharf:change", ({ detail }) => {
    if (missed !== null && detail.type === "message.received") missed += 1;
  });

  // An error is a page of its own: what is open stays as it is, and a line says what happened.
  const problem = ({ page, status, text }) => {
    const said = [...(page?.querySelectorAll(".problem h1, .problem [data-detail]") ?? [])];
    const words = said.map((each) => each.textContent).join(": ");
    bar("problem", text ?? (words || `The service answered ${status}.`), "bad");
  };
  document.addEventListener("htmx:before:swap", (event) => {
    const { response, text } = event.detail.ctx;
    if (!response || response.status < 400) return;
    event.preventDefault();
    problem({ page: new DOMParser().parseFromString(text, "text/html"), status: response.status });
  });
  document.addEventListener("htmx:error", () => problem({ text: "The service does not answer." }));
  document.addEventListener("wharf:problem", ({ detail }) => problem(detail));
  document.addEventListener("wharf:done", () => bar("problem", ""));
  document.addEventListener("htmx:after:swap", () => {
    bar("problem", "");
    settle();
  });

  const settle = () => {
    for (const box of document.querySelectorAll("[data-setting]")) {
      box.checked = setting(box.dataset.setting, "true") === "true";
    }
    const here = document.querySelector(".sections [aria-current]");
    if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 24;
    const target = document.querySelector(".bubble.target") ?? document.getElementById("unread");
    target?.scrollIntoView({ block: "center" });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", settle);
  else settle();
})();
