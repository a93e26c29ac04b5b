// The screen of a community around its channel: folded categories, what the keyboard does, and going anywhere by name.
export function attach(root, dotnet) {
  const events = new AbortController();
  const on = (target, type, handler, options) => target.addEventListener(type, handler, { signal: events.signal, ...options });
  const call = (name, ...values) => dotnet.invokeMethodAsync(name, ...values).catch(() => {});

  // Which categories are folded and whether the members are shown belongs to this browser.
  const folded = new Set(JSON.parse(localStorage.getItem("community-folded") ?? "[]"));
  on(root, "click", event => {
    const head = event.target.closest("[data-fold]");
    if (head) {
      const id = head.dataset.fold;
      folded.has(id) ? folded.delete(id) : folded.add(id);
      localStorage.setItem("community-folded", JSON.stringify([...folded].slice(-500)));
      call("Fold", [...folded]);
    }
    const people = event.target.closest("[data-people-toggle]");
    if (people && innerWidth > 1100) localStorage.setItem("community-people", people.getAttribute("aria-expanded") === "true" ? "0" : "1");
    const chosen = event.target.closest("details.menu .menu-sheet :is(button, a)");
    if (chosen) chosen.closest("details").open = false;
    if (event.target.closest("[data-switcher-open]")) open();
    if (event.target.closest("[data-keys-open]")) root.querySelector("[data-keys]").showModal();
    const dialog = event.target.closest("dialog");
    if (dialog && (event.target === dialog || event.target.closest("[data-close]"))) dialog.close();
  });

  /* Channels by the keyboard */
  const links = () => [...root.querySelectorAll("a[data-channel]")];
  const step = (direction, unread) => {
    const all = links();
    const here = all.findIndex(a => a.getAttribute("aria-current") === "page");
    for (let i = 1; i <= all.length; i++) {
      const next = all[(((here < 0 ? (direction > 0 ? -1 : 0) : here) + direction * i) % all.length + all.length) % all.length];
      if (!unread || next.dataset.unread === "true") return void next.click();
    }
    if (unread) root.querySelector("a[data-rail][data-unread=true]:not([aria-current])")?.click();
  };
  on(document, "keydown", event => {
    if (event.defaultPrevented || event.isComposing) return;
    const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const dialog = document.querySelector("dialog[open]");
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      dialog?.close();
      open();
    } else if (dialog) {
      // What is open in front has the keys.
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
    } else if (event.key === "Escape" && !document.querySelector("details.menu[open]")) {
      if (root.matches(".community-drawer-open, .community-side-open") && (innerWidth <= 1100 || root.querySelector("[data-side-thread]"))) call("CloseSide");
      else if (event.shiftKey) call("MarkServerRead");
      else call("MarkChannelRead");
    } else if (event.key === "?" && !writing) {
      event.preventDefault();
      root.querySelector("[data-keys]").showModal();
    } else if (!writing && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " " && !event.target.closest?.("[data-message], button, a")) {
      root.querySelector("[data-pane] [data-box]:not(:disabled)")?.focus();
    }
  });

  // Where it becomes narrow, the members would lie over the messages.
  on(matchMedia("(max-width: 1100px)"), "change", change => { if (change.matches && !root.querySelector("[data-side-thread]") && root.matches(".community-side-open")) call("CloseSide"); });

  /* The quick switcher */
  const switcher = root.querySelector("[data-switcher]");
  const find = switcher.querySelector("input");
  const sheet = switcher.querySelector("[data-found]");
  let places = [];
  let shown = [];
  let at = 0;
  async function open() {
    if (switcher.open) return;
    find.value = "";
    places = [];
    sheet.replaceChildren();
    switcher.showModal();
    try {
      places = await dotnet.invokeMethodAsync("Places");
    } catch {
      switcher.close();
    }
    fill();
  }
  // Letters in their order; those that stand together or begin a word count more.
  const score = (words, text) => {
    const low = text.toLowerCase();
    const whole = low.indexOf(words);
    if (whole >= 0) return 100 - whole + (whole === 0 ? 60 : /[\s\-_#]/.test(low[whole - 1]) ? 30 : 0) - low.length / 20;
    let i = 0;
    let sum = 0;
    let last = -2;
    for (const letter of words) {
      if (letter === " ") continue;
      const found = low.indexOf(letter, i);
      if (found < 0) return -1;
      sum += found === last + 1 ? 4 : found === 0 || /[\s\-_#]/.test(low[found - 1]) ? 3 : 0;
      last = found;
      i = found + 1;
    }
    return sum - low.length / 20;
  };
  function fill() {
    const words = find.value.trim().toLowerCase().replace(/^[#@]/, "");
    const kind = { "#": "channel", "@": "person" }[find.value.trim()[0]];
    shown = (words
      ? places.map(p => ({ ...p, score: score(words, p.text) + (p.unread ? 5 : 0) + (p.mentions ? 10 : 0) })).filter(p => p.score >= 0).sort((a, b) => b.score - a.score)
      : places.filter(p => p.unread).concat(places.filter(p => !p.unread))
    ).filter(p => !kind || p.kind === kind).slice(0, 12);
    at = 0;
    sheet.replaceChildren(...shown.map((p, i) => {
      const row = document.createElement("a");
      row.id = `switch-${i}`;
      row.href = p.url;
      row.tabIndex = -1;
      row.setAttribute("role", "option");
      row.className = p.unread ? "community-switch-unread" : "";
      const sign = document.createElement("span");
      sign.className = "community-switch-sign";
      sign.setAttribute("aria-hidden", "true");
      sign.textContent = { channel: "#", server: [...p.text][0]?.toUpperCase() ?? "?", chat: "›", person: "@" }[p.kind];
      const text = document.createElement("span");
      text.className = "community-switch-text";
      text.textContent = p.text;
      text.dir = "auto";
      const detail = document.createElement("small");
      detail.textContent = p.detail;
      row.append(sign, text, detail);
      if (p.mentions) {
        const badge = document.createElement("b");
        badge.className = "community-badge";
        badge.textContent = p.mentions;
        row.append(badge);
      }
      row.onclick = () => switcher.close();
      return row;
    }));
    if (!shown.length) {
      const none = document.createElement("p");
      none.className = "quiet";
      none.textContent = places.length ? "Nothing of that name." : "Loading…";
      sheet.append(none);
    }
    mark();
  }
  const mark = () => {
    [...sheet.querySelectorAll("a")].forEach((row, i) => row.setAttribute("aria-selected", i === at));
    sheet.querySelectorAll("a")[at]?.scrollIntoView({ block: "nearest" });
    shown.length ? find.setAttribute("aria-activedescendant", `switch-${at}`) : find.removeAttribute("aria-activedescendant");
  };
  on(find, "input", fill);
  on(find, "keydown", event => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && shown.length) {
      event.preventDefault();
      at = (at + by + shown.length) % shown.length;
      mark();
    } else if (event.key === "Escape") {
      // The first press, not only the second: a search field would be emptied by it.
      event.preventDefault();
      switcher.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      sheet.querySelectorAll("a")[at]?.click();
    }
  });

  return {
    kept: () => ({ folded: [...folded], people: localStorage.getItem("community-people") !== "0" && innerWidth > 1100 }),
    dispose() { events.abort(); },
  };
}

export async function copy(text) {
  const site = await import(document.querySelector("script[type=module][src*='js/site']").src);
  return site.copy(text);
}
