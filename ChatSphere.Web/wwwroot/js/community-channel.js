// What a channel cannot do from the server: hold the place while rows come and go, keep what is typed and what is on its way, and the keys of both.
import { emoji } from "./community-emoji.js";

const NEAR_END = 40;
const AHEAD = 1200;

export function zone() {
  return { name: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "", minutes: -new Date().getTimezoneOffset() };
}

// Without a connection a call is neither answered nor refused.
const within = (ms, answer) => Promise.race([answer, new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), ms))]);

export function attach(root, dotnet) {
  const events = new AbortController();
  const on = (target, type, handler, options) => target.addEventListener(type, handler, { signal: events.signal, ...options });
  const channel = root.dataset.pane;
  const list = messages(root, dotnet, on, channel);
  const form = composer(root, dotnet, on, channel, list);
  root.dataset.attached = "true";
  return {
    start: () => ({ place: list.saved, pending: form.pending() }),
    where: list.where,
    drop: form.drop,
    focus: form.focus,
    cool: form.cool,
    dispose() { events.abort(); list.dispose(); form.dispose(); },
  };
}

/* ---- The list */

let reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";

function messages(root, dotnet, on, channel) {
  const scroller = root.querySelector("[data-scroller]");
  const rows = scroller.querySelector("[data-rows]");
  const latest = root.querySelector("[data-latest]");
  const tools = root.querySelector("[data-tools]");
  const placeKey = `community-place:${channel}`;
  const end = () => scroller.scrollHeight - scroller.clientHeight;
  const has = side => scroller.dataset[side] === "true";
  let atEnd = true;
  let anchor = null;
  let shown = scroller.dataset.load;
  let loading = null;
  let told = "";

  // Coming back to where one was belongs to a reload; who goes to a channel goes to what is new.
  const saved = reloaded ? JSON.parse(sessionStorage.getItem(placeKey) ?? "null") : null;
  reloaded = false;

  const capture = () => {
    const all = rows.children;
    let low = 0;
    let high = all.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle].offsetTop + all[middle].offsetHeight <= scroller.scrollTop) low = middle + 1;
      else high = middle;
    }
    const row = all[low];
    anchor = row ? { row, offset: row.offsetTop } : null;
  };

  const hold = () => {
    if (atEnd && !has("newer")) {
      scroller.scrollTop = end();
    } else if (anchor?.row.isConnected) {
      const moved = anchor.row.offsetTop - anchor.offset;
      if (moved) scroller.scrollTop += moved;
    }
    capture();
  };

  const place = () => {
    const [kind, seq, top] = (scroller.dataset.place ?? "end").split(":");
    const row = seq && rows.querySelector(`[data-seq="${CSS.escape(seq)}"]`);
    if (kind === "end" || !row) {
      scroller.scrollTop = end();
    } else if (kind === "new") {
      scroller.scrollTop = row.offsetTop - scroller.clientHeight / 4;
    } else if (kind === "back") {
      scroller.scrollTop = row.offsetTop - Number(top);
    } else {
      show(row);
    }
    atEnd = !has("newer") && scroller.scrollTop >= end() - NEAR_END;
    capture();
  };

  function show(row) {
    scroller.scrollTop = row.offsetTop - (scroller.clientHeight - row.offsetHeight) / 2;
    row.classList.add("community-found");
    row.focus({ preventScroll: true });
    setTimeout(() => row.classList.remove("community-found"), 2200);
  }

  const settle = () => {
    latest.hidden = atEnd && !has("newer");
    tell();
    ask();
    if (atEnd && !has("newer")) {
      sessionStorage.removeItem(placeKey);
    } else if (anchor?.row.dataset.seq) {
      sessionStorage.setItem(placeKey, JSON.stringify({ seq: Number(anchor.row.dataset.seq), top: Math.round(anchor.row.offsetTop - scroller.scrollTop) }));
    }
  };

  // Read is what stood at the end of a window that somebody looks at.
  const tell = () => {
    const now = `${atEnd && !has("newer")}:${document.hasFocus() && !document.hidden}:${rows.lastElementChild?.dataset.seq}`;
    if (now === told || !has("loaded")) return;
    told = now;
    within(5000, dotnet.invokeMethodAsync("Seen", atEnd && !has("newer"), document.hasFocus() && !document.hidden)).catch(() => { told = ""; });
  };

  const ask = () => {
    if (loading || !has("loaded")) return;
    const side = scroller.scrollTop < AHEAD && has("older") ? "Older" : end() - scroller.scrollTop < AHEAD && has("newer") ? "Newer" : null;
    if (!side) return;
    loading = within(15000, dotnet.invokeMethodAsync(side)).catch(() => new Promise(resolve => setTimeout(resolve, 2000))).finally(() => { loading = null; if (scroller.isConnected) ask(); });
  };

  on(scroller, "scroll", () => {
    atEnd = !has("newer") && scroller.scrollTop >= end() - NEAR_END;
    capture();
    settle();
    hideTools();
  }, { passive: true });

  // Both run after the change and before it is painted.
  const changed = new MutationObserver(() => {
    if (scroller.dataset.load !== shown) {
      shown = scroller.dataset.load;
      place();
    } else {
      hold();
    }
    settle();
  });
  changed.observe(scroller, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-load", "data-older", "data-newer"] });
  const sized = new ResizeObserver(() => { hold(); settle(); });
  sized.observe(rows);
  sized.observe(scroller);
  for (const type of ["focus", "blur"]) on(window, type, tell);
  on(document, "visibilitychange", tell);
  on(latest, "click", () => {
    if (has("newer")) {
      dotnet.invokeMethodAsync("Latest");
    } else {
      atEnd = true;
      scroller.scrollTop = end();
      settle();
    }
  });

  // One row of tools serves all messages: it stands beside the one that is pointed at or has the focus.
  let of = null;
  const showTools = row => {
    if (!row?.dataset.message || row.querySelector("[data-edit]")) return hideTools();
    of = row;
    for (const button of tools.querySelectorAll("[data-act]")) {
      const needs = button.dataset.needs?.split(" ") ?? [];
      button.hidden = !needs.every(need => row.dataset[need] === "true");
    }
    tools.hidden = false;
    const top = row.querySelector("[data-body]").getBoundingClientRect().top - root.getBoundingClientRect().top - 18;
    tools.style.top = `${Math.max(scroller.offsetTop + 2, top)}px`;
  };
  const hideTools = () => {
    if (tools.contains(document.activeElement)) (of?.isConnected ? of : scroller).focus({ preventScroll: true });
    const menu = tools.querySelector("details");
    if (menu) menu.open = false;
    tools.hidden = true;
    of = null;
  };
  on(rows, "pointerover", event => {
    if (event.pointerType === "mouse" && !tools.querySelector("details[open]")) {
      const row = event.target.closest("[data-message]");
      if (row !== of) row ? showTools(row) : hideTools();
    }
  });
  on(root, "pointerleave", event => { if (event.pointerType === "mouse" && !tools.querySelector("details[open]") && !tools.contains(document.activeElement)) hideTools(); });
  on(rows, "focusin", event => { if (event.target.matches("[data-message]") && event.target.matches(":focus-visible")) showTools(event.target); });
  on(rows, "click", event => {
    const target = event.target;
    const jump = target.closest("[data-jump]");
    if (jump) return void dotnet.invokeMethodAsync("Jump", jump.dataset.jump);
    const act = target.closest("[data-act]");
    const row = target.closest("[data-message]");
    if (act && row) return void run(act.dataset.act, row, act);
    if (row && !target.closest("a, button, input, textarea, summary, details, pre") && matchMedia("(hover: none)").matches) of === row ? hideTools() : showTools(row);
  });
  on(tools, "click", event => {
    const act = event.target.closest("[data-act]");
    if (act && of) {
      const row = of;
      hideTools();
      run(act.dataset.act, row, act);
    }
  });
  on(tools, "keydown", event => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    hideTools();
  });

  async function run(act, row, button) {
    const id = row.dataset.message;
    if (act === "copy" || act === "link") {
      const text = act === "link" ? `${location.origin}${root.dataset.address}/${row.dataset.seq}` : await dotnet.invokeMethodAsync("TextOf", id);
      const site = await import(document.querySelector("script[type=module][src*='js/site']").src);
      await site.copy(text);
    } else if (act === "react") {
      pick(row, id);
    } else {
      await dotnet.invokeMethodAsync("Act", act, id, button?.dataset.value ?? null);
    }
  }

  // The picker of reactions, made when it is first wanted.
  const picker = root.querySelector("[data-picker]");
  function pick(row, id) {
    if (!picker) return;
    const grid = picker.querySelector("[data-picker-grid]");
    const find = picker.querySelector("input");
    const fill = () => {
      const word = find.value.trim().toLowerCase();
      const own = JSON.parse(root.dataset.emoji || "[]").filter(e => e.name.toLowerCase().includes(word));
      grid.replaceChildren(
        ...own.map(e => emojiButton(e.name, `${e.name}:${e.id}`, e.url)),
        ...emoji.filter(([name]) => name.includes(word)).slice(0, 240).map(([name, sign]) => emojiButton(name, sign)));
    };
    const emojiButton = (name, value, url) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = `:${name}:`;
      button.setAttribute("aria-label", name);
      if (url) {
        const image = document.createElement("img");
        Object.assign(image, { src: url, alt: "", width: 24, height: 24, loading: "lazy" });
        button.append(image);
      } else {
        button.textContent = value;
      }
      button.onclick = () => { picker.close(); dotnet.invokeMethodAsync("Act", "react", id, value); };
      return button;
    };
    find.value = "";
    find.oninput = fill;
    find.onkeydown = event => { if (event.key === "Enter") { event.preventDefault(); grid.querySelector("button")?.click(); } };
    fill();
    picker.onclose = () => row.isConnected && row.focus({ preventScroll: true });
    picker.showModal();
  }
  if (picker) on(picker, "click", event => { if (event.target === picker) picker.close(); });

  // With the keyboard: up and down from message to message, and the letters that people know.
  on(rows, "keydown", event => {
    const edit = event.target.closest("[data-edit]");
    if (edit) {
      if (event.isComposing) return;
      if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
        event.preventDefault();
        event.stopPropagation();
        const id = edit.closest("[data-message]").dataset.message;
        if (event.key === "Escape") dotnet.invokeMethodAsync("Act", "keep", id, null).then(() => focusBox());
        else dotnet.invokeMethodAsync("Act", "save", id, edit.querySelector("textarea").value).then(() => focusBox());
      }
      return;
    }
    const row = event.target;
    if (!row.matches("[data-message]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
    if (step) {
      event.preventDefault();
      let next = row[step];
      while (next && !next.matches("[data-message]")) next = next[step];
      if (next) next.focus();
      else if (event.key === "ArrowDown") focusBox();
      return;
    }
    const act = { e: "edit", r: "reply", p: "pin", t: "thread", u: "unread", Delete: "delete", Backspace: "delete", "+": "react" }[event.key];
    const button = act && tools.querySelector(`[data-act="${act}"]`);
    if (button && (button.dataset.needs?.split(" ") ?? []).every(need => row.dataset[need] === "true")) {
      event.preventDefault();
      run(act, row, button);
    } else if (event.key === "Enter" || event.key === "ContextMenu") {
      event.preventDefault();
      showTools(row);
      tools.querySelector("button:not([hidden])")?.focus();
    }
  });
  const focusBox = () => root.querySelector("[data-box]")?.focus();

  return {
    saved,
    toEnd() { atEnd = true; if (!has("newer")) scroller.scrollTop = end(); },
    where() { return atEnd || !anchor?.row.dataset.seq ? null : { seq: Number(anchor.row.dataset.seq), top: Math.round(anchor.row.offsetTop - scroller.scrollTop) }; },
    scroll(direction) { scroller.scrollBy({ top: direction * scroller.clientHeight * 0.85 }); },
    lastRow() { const all = rows.querySelectorAll("[data-message]"); return all[all.length - 1]; },
    dispose() { changed.disconnect(); sized.disconnect(); },
  };
}

/* ---- The composer */

function composer(root, dotnet, on, channel, list) {
  const form = root.querySelector("[data-composer]");
  const box = root.querySelector("[data-box]");
  const none = () => {};
  const pendingKey = `community-pending:${channel}`;
  const kept = () => { try { return JSON.parse(localStorage.getItem(pendingKey) ?? "[]"); } catch { return []; } };
  const keep = all => all.length ? localStorage.setItem(pendingKey, JSON.stringify(all)) : localStorage.removeItem(pendingKey);
  const drop = nonce => keep(kept().filter(p => p.nonce !== nonce));
  if (!form || !box) return { pending: kept, drop, focus: none, cool: none, dispose: none };

  const sheet = root.querySelector("[data-suggest]");
  const waiting = root.querySelector("[data-waiting]");
  const slow = root.querySelector("[data-slow]");
  const draftKey = `community-draft:${channel}`;
  let disposed = false;
  // What "@Ann Berg" stands for, while it is text.
  let tokens = {};

  const fit = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, innerHeight * 0.4)}px`;
  };
  const remember = () => { box.value ? localStorage.setItem(draftKey, JSON.stringify({ text: box.value, tokens })) : localStorage.removeItem(draftKey); };
  try {
    const draft = JSON.parse(localStorage.getItem(draftKey) ?? "null");
    // Somebody may be faster than the page.
    if (!box.value) {
      box.value = draft?.text ?? "";
      tokens = draft?.tokens ?? {};
    }
  } catch { /* Nothing that was kept. */ }
  fit();

  const encode = text => {
    for (const token of Object.keys(tokens).sort((a, b) => b.length - a.length)) text = text.replaceAll(token, tokens[token]);
    return text;
  };

  function send() {
    const text = box.value.trim();
    const files = form.dataset.uploads ?? "";
    if ((!text && !files) || box.disabled || form.dataset.busy === "true" || cooling()) return;
    const entry = { nonce: word(), content: encode(text), replyToId: form.dataset.reply || null, attachments: files ? files.split(",") : null, at: new Date().toISOString() };
    keep([...kept(), entry]);
    box.value = "";
    tokens = {};
    uploads = [];
    show();
    remember();
    close();
    fit();
    list.toEnd();
    deliver(entry);
    if (form.dataset.slowMode && Number(form.dataset.slowMode) > 0) cool(Number(form.dataset.slowMode));
  }

  // While the page has no connection to its server, what was sent waits here, in sight.
  async function deliver(entry) {
    try {
      await within(2500, dotnet.invokeMethodAsync("Send", entry));
      waiting.querySelector(`[data-nonce="${entry.nonce}"]`)?.remove();
    } catch {
      if (disposed) return;
      if (!waiting.querySelector(`[data-nonce="${entry.nonce}"]`)) {
        const line = document.createElement("p");
        line.dataset.nonce = entry.nonce;
        line.textContent = entry.content;
        waiting.append(line);
      }
      setTimeout(() => { if (!disposed) kept().some(p => p.nonce === entry.nonce) ? deliver(entry) : waiting.querySelector(`[data-nonce="${entry.nonce}"]`)?.remove(); }, 1000);
    }
  }

  /* Files */
  const chips = root.querySelector("[data-uploads-list]");
  const picker = form.querySelector("[data-upload-input]");
  let uploads = [];
  const show = () => {
    const ids = uploads.filter(u => u.id).map(u => u.id);
    ids.length ? form.dataset.uploads = ids.join(",") : delete form.dataset.uploads;
    form.dataset.busy = uploads.some(u => u.running);
    chips.replaceChildren(...uploads.map(upload => {
      const chip = document.createElement("span");
      chip.className = upload.problem ? "community-upload community-upload-bad" : "community-upload";
      const name = document.createElement("span");
      name.textContent = upload.problem ? `${upload.name}: ${upload.problem}` : upload.running ? `${upload.name} · ${Math.round(upload.part * 100)} %` : upload.name;
      const drop = document.createElement("button");
      drop.type = "button";
      drop.className = "icon-button";
      drop.setAttribute("aria-label", `Remove ${upload.name}`);
      drop.textContent = "×";
      drop.onclick = () => {
        upload.request?.abort();
        uploads = uploads.filter(u => u !== upload);
        if (upload.id) dotnet.invokeMethodAsync("DropUpload", upload.id).catch(none);
        show();
      };
      chip.append(name, drop);
      return chip;
    }));
  };
  function add(files) {
    for (const file of files) {
      const upload = { name: file.name || "picture.png", running: true, part: 0 };
      uploads.push(upload);
      const request = upload.request = new XMLHttpRequest();
      request.open("POST", `/bff/channels/${channel}/attachments`);
      request.setRequestHeader("RequestVerificationToken", form.dataset.token);
      request.responseType = "json";
      request.upload.onprogress = moved => { upload.part = moved.loaded / moved.total; show(); };
      request.onloadend = () => {
        upload.running = false;
        if (request.status === 201) upload.id = request.response.attachments[0].id;
        else if (request.status === 401) location.reload();
        else upload.problem = request.response?.detail ?? "it could not be sent. Try again in a moment.";
        show();
      };
      const body = new FormData();
      body.append("file", file, upload.name);
      request.send(body);
    }
    show();
    box.focus();
  }
  if (form.dataset.token && picker) {
    on(form, "click", event => {
      if (!event.target.closest("[data-upload]")) return;
      form.querySelector(".community-plus").open = false;
      picker.click();
    });
    on(picker, "change", () => { add([...picker.files]); picker.value = ""; });
    on(box, "paste", event => {
      const files = [...(event.clipboardData?.files ?? [])];
      // A cell copied from a sheet brings a picture of itself; who pastes text wants the text.
      if (files.length && !event.clipboardData.types.includes("text/plain")) {
        event.preventDefault();
        add(files);
      }
    });
    const hasFiles = event => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
    let depth = 0;
    on(root, "dragenter", event => { if (hasFiles(event)) { depth++; root.classList.add("community-over"); } });
    on(root, "dragleave", event => { if (hasFiles(event) && --depth <= 0) { depth = 0; root.classList.remove("community-over"); } });
    on(root, "dragover", event => { if (hasFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
    on(root, "drop", event => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      root.classList.remove("community-over");
      add([...event.dataTransfer.files]);
    });
  }

  /* Slow mode */
  let coolUntil = 0;
  let ticking = 0;
  const cooling = () => coolUntil > Date.now();
  function cool(seconds) {
    coolUntil = Math.max(coolUntil, Date.now() + seconds * 1000);
    clearInterval(ticking);
    const tick = () => {
      const left = Math.ceil((coolUntil - Date.now()) / 1000);
      slow.hidden = left <= 0;
      slow.textContent = left > 0 ? `Slow mode: you can write again in ${left} s` : "";
      if (left <= 0) clearInterval(ticking);
    };
    tick();
    ticking = setInterval(tick, 500);
  }

  /* What could be meant */
  let offered = [];
  let chosen = 0;
  let asked = 0;
  let from = 0;
  const close = () => {
    asked++;
    offered = [];
    sheet.hidden = true;
    sheet.replaceChildren();
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  async function suggest() {
    const before = box.value.slice(0, box.selectionStart);
    const found = /(^|[\s(])([@#:])([\p{L}\p{N}_.+-]{0,40}(?: [\p{L}\p{N}]{1,20})?)$/u.exec(before) ?? /^()(\/)(\S{0,40})$/.exec(before);
    if (!found || (found[2] === ":" && found[3].length < 2)) return close();
    from = box.selectionStart - found[3].length - 1;
    const mine = ++asked;
    const query = found[3];
    let items;
    if (found[2] === ":") {
      const own = JSON.parse(root.dataset.emoji || "[]");
      const low = query.toLowerCase();
      items = [
        ...own.filter(e => e.name.toLowerCase().includes(low)).map(e => ({ text: `:${e.name}:`, image: e.url, insert: `:${e.name}:`, stands: `<:${e.name}:${e.id}>` })),
        ...emoji.filter(([name]) => name.includes(low)).sort((a, b) => a[0].indexOf(low) - b[0].indexOf(low) || a[0].length - b[0].length).map(([name, sign]) => ({ text: `:${name}:`, sign, insert: sign })),
      ].slice(0, 8);
    } else {
      try {
        items = await dotnet.invokeMethodAsync("Suggest", found[2], query);
      } catch {
        return close();
      }
    }
    if (mine !== asked || disposed) return;
    if (!items.length) return close();
    offered = items;
    chosen = 0;
    sheet.replaceChildren(...items.map((item, i) => {
      const option = document.createElement("div");
      option.id = `${sheet.id}-${i}`;
      option.setAttribute("role", "option");
      const lead = document.createElement(item.image ? "img" : "span");
      lead.className = "community-suggest-sign";
      if (item.image) Object.assign(lead, { src: item.image, alt: "" });
      else lead.textContent = item.sign ?? found[2];
      const text = document.createElement("span");
      text.textContent = item.text;
      text.dir = "auto";
      const detail = document.createElement("small");
      detail.textContent = item.detail ?? "";
      option.append(lead, text, detail);
      option.onpointerdown = event => { event.preventDefault(); take(i); };
      return option;
    }));
    sheet.hidden = false;
    box.setAttribute("aria-expanded", "true");
    mark();
  }
  const mark = () => {
    [...sheet.children].forEach((option, i) => option.setAttribute("aria-selected", i === chosen));
    sheet.children[chosen]?.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", `${sheet.id}-${chosen}`);
  };
  function take(i) {
    const item = offered[i];
    if (item.stands) tokens[item.insert] = item.stands;
    const after = box.value.slice(box.selectionStart);
    const gap = after.startsWith(" ") ? "" : " ";
    box.setRangeText(item.insert + gap, from, box.selectionStart, "end");
    close();
    fit();
    remember();
    box.focus();
  }

  on(box, "input", () => { fit(); remember(); suggest(); dotnetTyping(); });
  on(box, "blur", () => close());
  let typed = 0;
  const dotnetTyping = () => {
    if (form.dataset.typing !== "true" || !box.value || Date.now() - typed < 4000) return;
    typed = Date.now();
    dotnet.invokeMethodAsync("Typing").catch(none);
  };
  on(box, "keydown", event => {
    if (event.isComposing || event.keyCode === 229) return;
    if (offered.length) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        chosen = (chosen + step + offered.length) % offered.length;
        return mark();
      }
      if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        return take(chosen);
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        return close();
      }
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && !box.value && !event.altKey) {
      event.preventDefault();
      dotnet.invokeMethodAsync("EditLast").then(found => { if (!found) list.lastRow()?.focus(); }).catch(none);
    } else if (event.key === "Escape" && form.dataset.reply) {
      event.preventDefault();
      event.stopPropagation();
      dotnet.invokeMethodAsync("Act", "unreply", root.dataset.pane, null).catch(none);
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      list.scroll(event.key === "PageUp" ? -1 : 1);
    }
  });
  on(form, "submit", event => { event.preventDefault(); send(); });
  const focus = () => { if (matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true }); };
  if (!root.matches("[data-quiet]")) focus();

  return {
    pending: kept,
    drop,
    cool,
    focus() { box.focus({ preventScroll: true }); },
    dispose() { disposed = true; clearInterval(ticking); },
  };
}

// crypto.randomUUID is there over https only.
function word() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, "0")).join("");
}
