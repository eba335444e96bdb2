// Files of a page in a dialog: pictures, films, sound and PDF; next, previous, zoom, download.
(() => {
  "use strict";
  const dialog = document.getElementById("viewer");
  if (!dialog) return;
  const stage = dialog.querySelector("[data-stage]");
  const title = dialog.querySelector("[data-title]");
  const facts = dialog.querySelector("[data-facts]");
  const download = dialog.querySelector("[data-download]");
  const source = dialog.querySelector("[data-source]");
  const zoom = dialog.querySelector("[data-zoom]");
  let shown = null;

  // Those of the gallery if it was opened there, else those of the thread.
  const all = () => {
    const place = shown?.closest(".gallery") ?? document;
    const links = [...place.querySelectorAll("a[data-view]")];
    return place === document ? links.filter((link) => !link.closest(".gallery")) : links;
  };

  const element = {
    image: (link) => Object.assign(document.createElement("img"), { alt: link.dataset.title ?? "" }),
    video: () => Object.assign(document.createElement("video"), { controls: true }),
    audio: () => Object.assign(document.createElement("audio"), { controls: true }),
    // What is in it can't act: the file itself comes with the policy of a sandbox.
    pdf: (link) => Object.assign(document.createElement("iframe"), { title: link.dataset.title ?? "PDF" }),
  };

  const speeds = (sound) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "speed";
    button.title = "Speed";
    button.textContent = "1×";
    button.addEventListener("click", () => {
      sound.playbackRate = sound.playbackRate >= 2 ? 1 : sound.playbackRate + 0.5;
      button.textContent = `${sound.playbackRate}×`;
    });
    return button;
  };

  const cannot = () => {
    const line = document.createElement("p");
    line.className = "quiet";
    line.textContent = "This browser can't show it. It can be downloaded.";
    stage.replaceChildren(line);
  };

  const show = (link) => {
    shown = link;
    const kind = link.dataset.view;
    const file = element[kind](link);
    if (kind !== "pdf") file.addEventListener("error", cannot);
    file.src = link.href;
    stage.replaceChildren(file, ...(kind === "audio" ? [speeds(file)] : []));
    stage.className = `stage ${kind}`;
    zoom.hidden = kind !== "image";
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
    const links = all();
    const here = links.indexOf(shown);
    if (here >= 0 && links[here + by]) show(links[here + by]);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-view]");
    if (link && element[link.dataset.view] && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
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
    // A player has the arrows for itself.
    if (event.target.matches("video, audio")) return;
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });
  dialog.addEventListener("close", () => {
    stage.replaceChildren();
    // Back to where it was opened from, also when others were looked at since.
    shown?.focus();
  });
})();
