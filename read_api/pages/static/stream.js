// One stream of server-sent events per browser: the tab that holds the lock has it and tells the
// others. What arrives becomes events of the document: wharf:change, wharf:resync, wharf:live.
(() => {
  "use strict";
  const place = document.querySelector("[data-stream]");
  if (!place) return;
  const address = place.dataset.stream;
  const kinds = place.dataset.kinds.split(",");
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`wharf:${name}`, { detail }));
  const others = "BroadcastChannel" in window ? new BroadcastChannel("wharf-stream") : null;
  let position = Number(place.dataset.position);
  let leads = false;
  let source = null;
  let timer = null;
  let state = { live: false, since: null };

  const heard = (message) => {
    if (message.position) position = Math.max(position, message.position);
    if (message.state) state = message.state;
    tell(message.name, message.detail ?? state);
  };
  const say = (message) => {
    others?.postMessage(message);
    heard(message);
  };
  const live = (now) => {
    if (now && state.live) return;
    const since = now ? null : state.since ?? Date.now();
    say({ name: "live", state: { live: now, since, was: state.since } });
  };
  const again = (wait) => {
    source?.close();
    clearTimeout(timer);
    timer = setTimeout(open, wait);
  };

  function open() {
    source?.close();
    source = new EventSource(`${address}?after=${position}`);
    const at = (event) => Number(event.lastEventId) || position;
    source.onopen = () => live(true);
    source.onerror = () => {
      live(false);
      // An answer that is no stream ends it for good; a lost connection the browser tries again,
      // from the id that it had last.
      if (source.readyState === EventSource.CLOSED) again(1000 + Math.random() * 2000);
    };
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => {
        live(true);
        say({ name: "change", position: at(event), detail: JSON.parse(event.data) });
      });
    }
    source.addEventListener("resync", (event) => say({ name: "resync", position: at(event), detail: {} }));
    source.addEventListener("bye", () => again(Math.random() * 2000));
  }

  const lead = () => {
    leads = true;
    open();
    return new Promise(() => {});
  };

  if (others) {
    others.onmessage = ({ data }) => {
      // A page that was made before the last change was told has missed it.
      if (data.hello) {
        if (leads) others.postMessage({ name: "live", state, to: data.hello, now: position });
      } else if (data.now) {
        if (data.now > position) {
          position = data.now;
          tell("resync", {});
        }
        heard({ name: "live", state: data.state });
      } else heard(data);
    };
    others.postMessage({ hello: true });
  }
  // Without a secure connection there are no locks: then only tabs that are looked at have one.
  if (navigator.locks && others) navigator.locks.request("wharf-stream", lead);
  else {
    lead();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) source?.close();
      else open();
    });
  }
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted && leads) open();
  });
})();
