// Pictures, films and documents of a page in a dialog: next, previous, zoom, download.
(() => {
  "use strict";
  const dialog = document.getElementById("viewer");
  if (!dialog) return;
  const stage = dialog.querySelector("[data-stage]");
  const title = dialog.querySelector("[data-title]");
  const facts = dialog.querySelector("[data-facts]");
  const download = dialog.querySelector("[data-download]");
  const source = dialog.querySelector("[data-source]");
  let shown = null;

  const all = () => [...document.querySelectorAll("a[data-view=image]")];

  const show = (link) => {
    shown = link;
    const picture = document.createElement("img");
    picture.src = link.href;
    picture.alt = link.querySelector("img")?.alt ?? "";
    stage.replaceChildren(picture);
    stage.classList.remove("zoomed");
    title.textContent = link.dataset.title ?? "";
    facts.textContent = link.dataset.facts ?? "";
    download.href = link.href;
    source.hidden = !link.dataset.source;
    source.href = link.dataset.source ?? "";
    const links = all();
    const here = links.indexOf(link);
    dialog.querySelector("[data-step='-1']").disabled = here <= 0;
    dialog.querySelector("[data-step='1']").disabled = here < 0 || here >= links.length - 1;
    if (!dialog.open) dialog.showModal();
  };
  const step = (by) => {
    const next = all()[all().indexOf(shown) + by];
    if (next) show(next);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-view=image]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(link);
    }
    const button = event.target.closest("#viewer [data-step]");
    if (button) step(Number(button.dataset.step));
    if (event.target.closest("#viewer [data-zoom]") || event.target.closest("#viewer img")) {
      stage.classList.toggle("zoomed");
    }
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });
  dialog.addEventListener("close", () => {
    stage.replaceChildren();
    // Back to where it was opened from, also when others were looked at since.
    shown?.focus();
  });
})();
