// Keeps a page of figures up to date: asks for it again when something happened, and every two
// seconds while it is looked at. Where the pointer or the focus is, nothing moves.
(() => {
  "use strict";
  const PERIOD_MS = 2000;

  // A slider that is let go of shows what it stands at, and can be moved on from there.
  const slides = document.querySelector("[data-slides]");
  const SLID = "wharf.slid";
  slides?.addEventListener("change", () => {
    sessionStorage.setItem(SLID, "yes");
    slides.requestSubmit();
  });
  if (slides && sessionStorage.getItem(SLID)) {
    sessionStorage.removeItem(SLID);
    slides.querySelector("input[type=range]").focus();
  }

  // The chosen event may be far down in the list.
  const chosen = document.querySelector(".replay-events [aria-current]");
  if (chosen) {
    const list = chosen.closest(".replay-events");
    list.scrollTop = chosen.offsetTop - list.clientHeight / 2;
  }

  const place = document.querySelector("[data-refresh]");
  if (!place) return;
  let asking = false;

  // A menu or a button in use must stay where it is; figures may change under the pointer.
  const inUse = (part) => part.contains(document.activeElement) ||
    (part.matches(":hover") && part.querySelector("a, button"));

  const look = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(place.dataset.refresh, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const now of fresh.querySelectorAll("[data-part]")) {
        const old = place.querySelector(`[data-part="${now.dataset.part}"]`);
        if (old && old.innerHTML !== now.innerHTML && !inUse(old)) old.replaceWith(now);
      }
    } catch {
      // The line at the top says that the page is not live; the next look tries again.
    } finally {
      asking = false;
    }
  };

  setInterval(look, PERIOD_MS);
  document.addEventListener("wharf:change", look);
  document.addEventListener("visibilitychange", look);
})();
