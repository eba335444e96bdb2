// Saved views: names for addresses of this table, kept in this browser.
(() => {
  "use strict";
  const form = document.querySelector("[data-save-view]");
  const list = document.querySelector("[data-saved-views]");
  if (!form || !list) return;
  const key = "wharf.views";
  const read = () => {
    try {
      return Object.entries(JSON.parse(localStorage.getItem(key) ?? "{}"));
    } catch {
      return [];
    }
  };
  const write = (views) => localStorage.setItem(key, JSON.stringify(Object.fromEntries(views)));
  const here = () => {
    const query = new URLSearchParams(location.search);
    query.delete("cursor");
    return `?${query}`;
  };

  const show = () => {
    list.replaceChildren(...read().map(([name, query]) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      // A path of ours before it: what is kept can lead nowhere else.
      link.href = `${location.pathname}?${query.replace(/^\?/, "")}`;
      link.textContent = name;
      if (query === here()) link.setAttribute("aria-current", "true");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "icon";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `Forget the view ${name}`);
      remove.addEventListener("click", () => {
        write(read().filter(([other]) => other !== name));
        show();
      });
      item.append(link, remove);
      return item;
    }));
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = form.elements.view.value.trim();
    if (!name) return;
    write([...read().filter(([other]) => other !== name), [name, here()]]);
    form.reset();
    show();
  });
  show();
})();
