// What the chat cannot do from the server: scrolling, the composer's keys, the clipboard, and presses inside rendered Markdown.
const NEAR_END = 48;

export function attach(root, dotnet) {
  const thread = root.querySelector("[data-thread]");
  const content = root.querySelector("[data-thread-content]");
  const latest = root.querySelector("[data-latest]");
  const form = root.querySelector("[data-composer]");
  const box = form.querySelector("textarea");
  const events = new AbortController();
  const on = (target, type, handler, options) => target.addEventListener(type, handler, { signal: events.signal, ...options });

  // Scrolling: stay at the end while the reader is there; never move a reader who went back.
  let atEnd = true;
  let keep = null;
  const end = () => thread.scrollHeight - thread.clientHeight;
  const toEnd = () => { thread.scrollTop = end(); };
  const seen = () => { latest.hidden = atEnd || end() < NEAR_END; };
  on(thread, "scroll", () => { atEnd = thread.scrollTop >= end() - NEAR_END; seen(); }, { passive: true });
  const grown = new ResizeObserver(() => {
    if (keep !== null) {
      thread.scrollTop += thread.scrollHeight - keep;
      keep = null;
    } else if (atEnd) {
      toEnd();
    }
    seen();
  });
  grown.observe(content);
  grown.observe(thread);
  on(latest, "click", () => { atEnd = true; toEnd(); seen(); box.focus(); });

  // The composer. What is typed stays in this tab, per conversation, until it is sent.
  const draftKey = () => `draft:${root.dataset.conversation ?? "new"}`;
  let shown = draftKey();
  const fit = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, innerHeight * 0.4)}px`;
  };
  const restore = () => { box.value = sessionStorage.getItem(draftKey()) ?? ""; fit(); };
  const remember = () => { box.value ? sessionStorage.setItem(shown, box.value) : sessionStorage.removeItem(shown); };
  let slashing = false;
  const slash = () => {
    const now = box.value.startsWith("/");
    if (now || slashing) dotnet.invokeMethodAsync("Slash", box.value.slice(0, 60));
    slashing = now;
  };
  on(box, "input", () => { fit(); remember(); slash(); });
  on(box, "keydown", event => {
    if (root.querySelector("[data-slash]") && !event.isComposing) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step || event.key === "Enter" || event.key === "Tab" || event.key === "Escape") {
        event.preventDefault();
        if (step) dotnet.invokeMethodAsync("SlashMove", step);
        else if (event.key === "Escape") dotnet.invokeMethodAsync("Slash", "");
        else dotnet.invokeMethodAsync("SlashTake");
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      send();
    }
  });
  on(form, "submit", event => { event.preventDefault(); send(); });
  const moved = new MutationObserver(() => {
    if (shown === draftKey()) return;
    // From "new" to the conversation just made, the text being sent goes along.
    const own = shown === "draft:new" && sending;
    shown = draftKey();
    atEnd = true;
    if (!own) { restore(); if (matchMedia("(pointer: fine)").matches) box.focus(); }
  });
  moved.observe(root, { attributes: true, attributeFilter: ["data-conversation"] });

  let sending = false;
  async function send() {
    const text = box.value;
    if (!text.trim() || sending || box.disabled) return;
    sending = true;
    form.classList.add("composer-sending");
    atEnd = true;
    try {
      if (await dotnet.invokeMethodAsync("Send", text)) {
        if (box.value === text) box.value = "";
        sessionStorage.removeItem("draft:new");
        sessionStorage.removeItem(draftKey());
        fit();
      } else {
        remember();
      }
    } finally {
      sending = false;
      form.classList.remove("composer-sending");
    }
  }

  // Presses on what Blazor did not render itself.
  let opener = null;
  on(root, "click", event => {
    const cite = event.target.closest("[data-cite]");
    if (cite) {
      opener = cite;
      const message = cite.closest("[data-message]");
      dotnet.invokeMethodAsync("OpenCitation", message.dataset.message, Number(cite.dataset.cite));
      return;
    }
    const copyButton = event.target.closest("[data-copy]");
    if (copyButton) copyAnswer(copyButton);
  });
  on(document, "keydown", event => {
    if (event.key === "Escape" && !event.defaultPrevented && root.matches(".chat-panel-open, .chat-list-open")) {
      dotnet.invokeMethodAsync("Escape");
      opener?.focus();
    }
  });

  async function copyAnswer(button) {
    const text = await dotnet.invokeMethodAsync("TextOf", button.closest("[data-message]").dataset.message);
    const site = await import(document.querySelector("script[type=module][src*='js/site']").src);
    if (await site.copy(text)) {
      button.classList.add("copied");
      setTimeout(() => button.classList.remove("copied"), 1500);
    }
  }

  restore();
  toEnd();
  if (matchMedia("(pointer: fine)").matches) box.focus();

  return {
    toLatest() { atEnd = true; requestAnimationFrame(() => { toEnd(); seen(); }); },
    keepPlace() { keep = thread.scrollHeight; },
    panelClosed() { opener?.focus(); },
    setText(text) { box.value = text; slashing = false; fit(); remember(); box.focus(); },
    addText(text) {
      const before = box.value.trimEnd();
      this.setText(before ? `${before}\n${text}` : text);
      box.setSelectionRange(box.value.length, box.value.length);
    },
    openModels() { const models = root.querySelector(".composer-models"); if (models) { models.open = true; models.querySelector("input")?.focus(); } },
    toMessage(id) {
      atEnd = false;
      requestAnimationFrame(() => {
        const message = root.querySelector(`[data-message="${CSS.escape(id)}"]`);
        message?.scrollIntoView({ block: "center" });
        message?.classList.add("found-here");
        setTimeout(() => message?.classList.remove("found-here"), 2500);
      });
    },
    dispose() { events.abort(); grown.disconnect(); moved.disconnect(); },
  };
}
