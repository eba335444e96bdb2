// Commands of the inbox without leaving the page: the form is sent as it is, and what comes back is
// taken in. Also what was begun and not sent.
(() => {
  "use strict";
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`wharf:${name}`, { detail }));

  // One after the other: what the one before has changed is no news to whoever gave both.
  let sending = 0;
  let last = Promise.resolve();
  const send = async (form, fields, waited) => {
    const seen = document.querySelector("#inbox [name=last_seen_position]");
    if (waited && seen && fields.has("last_seen_position")) fields.set("last_seen_position", seen.value);
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST", body: fields, headers: { Accept: "text/html" },
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok) {
        tell("done", { page, form, command: form.dataset.command });
        return;
      }
      tell("problem", { page, status: answer.status });
      // Whoever was not up to date is now, before they try again.
      if (answer.status === 409) tell("resync", {});
    } catch {
      tell("problem", { text: "The service does not answer. What you wrote is still here." });
    } finally {
      form.removeAttribute("aria-busy");
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("#inbox form[data-command]")) return;
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    const waits = sending > 0;
    sending += 1;
    last = last.then(() => send(form, fields, waits)).finally(() => {
      sending -= 1;
    });
  });

  // ----- notes that were begun

  const draft = (form) => `wharf.note.${form.closest("[data-conversation]")?.dataset.conversation}`;
  const restore = () => {
    const form = document.querySelector(".note-form");
    const text = form && sessionStorage.getItem(draft(form));
    if (text && !form.elements.body.value) form.elements.body.value = text;
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest(".note-form");
    if (form) sessionStorage.setItem(draft(form), form.elements.body.value);
  });
  document.addEventListener("wharf:done", ({ detail }) => {
    if (detail.command !== "note") return;
    sessionStorage.removeItem(draft(detail.form));
    const next = detail.page.querySelector(".note-form");
    detail.form.reset();
    if (next) detail.form.elements.idempotency_key.value = next.elements.idempotency_key.value;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.target.closest("form[data-command]:has(textarea)")?.requestSubmit();
  });
  document.addEventListener("htmx:after:swap", restore);
  restore();

  // ----- the past

  document.addEventListener("change", (event) => {
    const steps = event.target.dataset?.steps?.split(",");
    if (!steps) return;
    const url = new URL(location.href);
    url.searchParams.set("as_of", steps[Number(event.target.value)]);
    location.assign(url);
  });
})();
