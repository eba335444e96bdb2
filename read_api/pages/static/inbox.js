// The inbox while it is open: what is new appears, and nothing moves under the reader.
(() => {
  "use strict";
  const inbox = () => document.getElementById("inbox");
  const list = () => document.getElementById("list");
  const thread = () => document.querySelector(".thread");
  const open = () => inbox()?.dataset.conversation ?? null;

  const part = async (href, name) => {
    const url = new URL(href, location.href);
    url.searchParams.set("part", name);
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (!answer.ok) return null;
    const text = await answer.text();
    return new DOMParser().parseFromString(text, "text/html");
  };

  // Many changes at once are one look, and while one is under way the next waits.
  const soon = (work) => {
    let timer = null;
    let running = false;
    const run = async () => {
      timer = null;
      if (running) return begin();
      running = true;
      try {
        await work();
      } catch {
        // The stream says that it is lost, and what was missed comes when it is back.
      } finally {
        running = false;
      }
    };
    const begin = () => {
      timer ??= setTimeout(run, 150);
    };
    return begin;
  };

  // ----- the list

  const changed = new Set();
  const busy = () => {
    const here = list();
    return here && ((matchMedia("(hover: hover)").matches && here.matches(":hover")) ||
      here.querySelector(":focus-visible"));
  };

  const showList = soon(async () => {
    const here = list();
    if (!here) return;
    const held = document.getElementById("held");
    if (busy()) {
      held.textContent = `${changed.size} updated`;
      held.hidden = changed.size === 0;
      return;
    }
    const fresh = await part(here.dataset.refresh, "list");
    if (!fresh || busy()) return fresh && showList();
    changed.clear();
    held.hidden = true;
    const top = here.scrollTop;
    const rows = fresh.getElementById("list");
    here.replaceChildren(...rows.childNodes);
    here.scrollTop = top;
    const tabs = fresh.querySelector(".tabs");
    if (tabs) document.querySelector(".list-head .tabs")?.replaceChildren(...tabs.childNodes);
    htmx.process(here);
    htmx.process(document.querySelector(".list-head"));
  });

  // ----- the thread

  const BOTTOM = 60;
  // More than this only who looks at older messages has, and only as long.
  const LINES_MAX = 300;
  let arrived = 0;
  // Counted from the bottom, upwards negative: the container is reversed.
  const atBottom = (here) => here.scrollTop > -BOTTOM;

  const pill = () => {
    const here = document.querySelector(".pill-new");
    if (!here) return;
    here.hidden = arrived === 0;
    here.querySelector("[data-new-count]").textContent =
      arrived === 1 ? "1 new message" : `${arrived} new messages`;
  };

  const keepingPlace = (here, change) => {
    if (atBottom(here)) {
      change();
      here.scrollTop = 0;
      return;
    }
    const edge = here.getBoundingClientRect().top;
    const seen = [...here.querySelectorAll("li")].find((li) => li.getBoundingClientRect().bottom > edge);
    const before = seen?.getBoundingClientRect().top;
    change();
    if (seen?.isConnected) here.scrollTop += seen.getBoundingClientRect().top - before;
  };

  // What somebody has begun to write, or listens to, stays as it is.
  const inUse = (line) => line.contains(document.activeElement) || playing(line) ||
    line.querySelector("details[open]") !== null;

  // Notes that were deleted; and of a long thread that is followed, what nobody looks at any more.
  const forget = (here, ids, fresh) => {
    // Not the day's name: that one stands above the older messages of the day, too.
    const first = document.getElementById(ids.find((id) => !id.startsWith("d") && id !== "unread"));
    if (!first) return;
    for (const note of here.querySelectorAll("li.note")) {
      const after = first.compareDocumentPosition(note) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (after && !ids.includes(note.id)) note.remove();
    }
    if (here.querySelectorAll("li").length <= LINES_MAX || !atBottom(here)) return;
    const day = document.getElementById(ids[0]);
    while (first.previousElementSibling) first.previousElementSibling.remove();
    if (day?.matches(".day")) first.before(day);
    const older = fresh.getElementById("older");
    document.getElementById("older")?.remove();
    here.querySelector(".beginning")?.remove();
    if (older) here.querySelector(".messages").before(older);
  };

  const merge = (here, fresh, force = false) => {
    const messages = here.querySelector(".messages");
    const latest = fresh.querySelector(".messages");
    if (!messages || !latest) return here.replaceWith(fresh.querySelector(".thread"));
    const away = !atBottom(here);
    const known = (line) => document.getElementById(line.id) !== null;
    if (messages.querySelector(".bubble") && ![...latest.querySelectorAll(".bubble")].some(known)) {
      // More came at once than a page has: what lies between is not here, so the thread begins anew,
      // for whoever reads further up when they go down.
      if (away) {
        here.dataset.latest = "no";
        arrived += latest.querySelectorAll(".bubble.in").length;
      } else {
        here.replaceChildren(...fresh.querySelector(".thread").childNodes);
        htmx.process(here);
      }
      return pill();
    }
    const ids = [...latest.children].map((line) => line.id);
    here.setAttribute("aria-live", "polite");
    keepingPlace(here, () => {
      if (!latest.querySelector("#unread")) document.getElementById("unread")?.remove();
      let before = null;
      for (const line of [...latest.children]) {
        const known = document.getElementById(line.id);
        if (!known) {
          if (before) before.after(line);
          else {
            const next = latest.querySelector(`#${line.id} ~ li`);
            const anchor = next && document.getElementById(next.id);
            if (anchor) anchor.before(line);
            else messages.append(line);
          }
          line.classList.add("arrived");
          if (line.matches(".bubble.in") && away) arrived += 1;
        } else if (known.outerHTML !== line.outerHTML && (force || !inUse(known))) {
          line.classList.toggle("target", known.classList.contains("target"));
          known.replaceWith(line);
        }
        before = document.getElementById(line.id);
      }
      forget(here, ids, fresh);
      for (const line of here.querySelectorAll("li[id]")) htmx.process(line);
    });
    pill();
  };

  const playing = (line) => [...line.querySelectorAll("audio, video")].some((each) => !each.paused);

  const replaced = (selector, fresh, force = false) => {
    const old = document.querySelector(selector);
    const now = fresh.querySelector(selector);
    if (!old || !now || old.innerHTML === now.innerHTML || (!force && inUse(old))) return;
    const top = old.scrollTop;
    old.replaceChildren(...now.childNodes);
    old.scrollTop = top;
    htmx.process(old);
  };

  const showThread = soon(async () => {
    const id = open();
    const here = thread();
    if (!id || !here) return;
    if (here.dataset.latest === "past") return;
    if (here.dataset.latest !== "yes") {
      arrived += 1;
      return pill();
    }
    const address = document.querySelector(".customer-pane").dataset.refresh;
    const fresh = await part(address, "thread");
    if (!fresh || open() !== id || document.querySelector(".customer-pane").dataset.refresh !== address) return;
    merge(here, fresh);
    replaced(".thread-head", fresh);
    replaced(".customer", fresh);
  });

  const loadOlder = async (link) => {
    link.setAttribute("aria-busy", "true");
    const fresh = await part(link.href, "thread");
    const here = thread();
    if (!fresh || !here?.contains(link)) return;
    here.setAttribute("aria-live", "off");
    const messages = here.querySelector(".messages");
    const older = fresh.querySelector(".messages");
    const first = messages.querySelector("li.day");
    keepingPlace(here, () => {
      // The day goes on upwards, so its name moves up with it.
      if (first && older?.querySelector(`#${first.id}`)) first.remove();
      document.getElementById("older")?.replaceWith(
        fresh.getElementById("older") ?? fresh.querySelector(".beginning") ?? "",
      );
      if (older) messages.prepend(...[...older.children].filter((li) => !document.getElementById(li.id)));
    });
    watchOlder();
  };

  const nearTop = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      nearTop.unobserve(entry.target);
      loadOlder(entry.target);
    }
  }, { rootMargin: "300px 0px 0px" });
  const watchOlder = () => {
    nearTop.disconnect();
    const link = document.querySelector("[data-older]");
    // Not before the reader goes up there.
    if (link && thread().scrollTop < 0) nearTop.observe(link);
  };

  // What a command has changed, at once and also under the focus, which then goes on to what is
  // there instead.
  document.addEventListener("wharf:done", ({ detail: { page, form, command } }) => {
    const here = thread();
    if (here?.dataset.latest === "yes" && page.querySelector(".thread")?.dataset.latest === "yes") {
      merge(here, page, form.closest(".thread") !== null);
      // Where it stands now: whoever writes wants to see it.
      if (command === "note") here.scrollTop = 0;
    } else if (command === "note") return location.assign(here.dataset.latestHref);
    replaced(".thread-head", page, form.closest(".thread-head") !== null);
    replaced(".customer", page, form.closest(".customer") !== null);
    // The row of what is open changes where it stands; the others wait as ever.
    const row = document.querySelector(`#c${open()} .row`);
    const now = page.querySelector(`#c${open()} .row`);
    if (row && now) {
      row.className = now.className;
      row.replaceChildren(...now.childNodes);
    }
    showList();
    if (form.isConnected) return;
    const again = command ? document.querySelector(`[data-command=${command}]`) : null;
    const target = again?.querySelector("input:not([type=hidden]), button") ?? thread();
    (target?.checkVisibility() ? target : thread())?.focus({ preventScroll: true });
  });

  // ----- how far behind the tables are: nothing tells it when it is they that don't move

  const BARS_MS = 20_000;
  setInterval(async () => {
    if (document.hidden) return;
    const fresh = await part("/inbox", "bars").catch(() => null);
    if (!fresh) return;
    for (const bar of document.querySelectorAll("#bars [data-bar]")) bar.remove();
    document.getElementById("bars").prepend(...fresh.querySelectorAll("[data-bar]"));
  }, BARS_MS);

  // ----- what happens

  document.addEventListener("wharf:change", ({ detail }) => {
    if (detail.conversation_id) changed.add(detail.conversation_id);
    showList();
    if (String(detail.conversation_id) === open()) showThread();
  });
  document.addEventListener("wharf:resync", () => {
    showList();
    showThread();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#held")) {
      changed.clear();
      event.target.closest("#held").hidden = true;
      const here = list();
      part(here.dataset.refresh, "list").then((fresh) => {
        if (!fresh) return;
        here.replaceChildren(...fresh.getElementById("list").childNodes);
        here.scrollTop = 0;
        htmx.process(here);
      });
    }
    if (event.target.closest("[data-action=to-latest]")) {
      const here = thread();
      if (here.dataset.latest === "yes") here.scrollTop = 0;
      else location.assign(here.dataset.latestHref);
    }
    const older = event.target.closest("[data-older]");
    if (older) {
      event.preventDefault();
      loadOlder(older);
    }
    const jump = event.target.closest("[data-jump]");
    const there = jump && document.getElementById(`m${jump.dataset.jump}`);
    if (there) {
      event.preventDefault();
      event.stopPropagation();
      document.querySelector(".bubble.target")?.classList.remove("target");
      there.classList.add("target");
      there.scrollIntoView({ block: "center" });
    }
  }, true);

  document.addEventListener("mouseout", (event) => {
    const here = list();
    if (changed.size && here?.contains(event.target) && !here.contains(event.relatedTarget)) showList();
  });

  const scrolled = (event) => {
    if (!event.target.classList?.contains("thread")) return;
    watchOlder();
    if (atBottom(event.target) && arrived) {
      arrived = 0;
      pill();
    }
  };
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });

  document.addEventListener("htmx:after:swap", () => {
    arrived = 0;
    pill();
    // Where there is room for one pane only, the focus goes on to the one that is seen now.
    if (open() && list() && list().offsetParent === null) thread()?.focus({ preventScroll: true });
  });
})();
