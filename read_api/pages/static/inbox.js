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

  const merge = (here, fresh) => {
    const messages = here.querySelector(".messages");
    const latest = fresh.querySelector(".messages");
    if (!messages || !latest) return here.replaceWith(fresh.querySelector(".thread"));
    const away = !atBottom(here);
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
        } else if (known.outerHTML !== line.outerHTML && !known.contains(document.activeElement) &&
          !playing(known)) {
          line.classList.toggle("target", known.classList.contains("target"));
          known.replaceWith(line);
        }
        before = document.getElementById(line.id);
      }
      for (const line of here.querySelectorAll("li[id]")) htmx.process(line);
    });
    pill();
  };

  const playing = (line) => [...line.querySelectorAll("audio, video")].some((each) => !each.paused);

  const replaced = (selector, fresh) => {
    const old = document.querySelector(selector);
    const now = fresh.querySelector(selector);
    if (!old || !now || old.innerHTML === now.innerHTML || old.contains(document.activeElement)) return;
    old.replaceChildren(...now.childNodes);
    htmx.process(old);
  };

  const showThread = soon(async () => {
    const id = open();
    const here = thread();
    if (!id || !here) return;
    if (here.dataset.latest !== "yes") {
      arrived += 1;
      return pill();
    }
    const fresh = await part(`/inbox/${id}`, "thread");
    if (!fresh || open() !== id) return;
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
