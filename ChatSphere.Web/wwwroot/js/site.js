// Loaded on every page, before any circuit. Everything here also survives enhanced navigation, so listeners sit on the document.

document.addEventListener("click", event => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;

  if (target.closest("[data-theme-toggle]")) {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  }

  if (target.closest("[data-reload]")) location.reload();
  if (target.closest("[data-reconnect]")) reconnect();

  const codeCopy = target.closest(".code-copy");
  if (codeCopy) {
    copy(codeCopy.closest(".code").querySelector("code").textContent).then(done => {
      codeCopy.textContent = done ? "Copied" : "Copy";
      setTimeout(() => { codeCopy.textContent = "Copy"; }, 1500);
    });
  }

  // The text itself, or the id of what holds it.
  const textCopy = target.closest("[data-copy-text]");
  if (textCopy) {
    const label = textCopy.textContent;
    copy(document.getElementById(textCopy.dataset.copyText)?.innerText ?? textCopy.dataset.copyText).then(done => {
      textCopy.textContent = done ? "Copied" : "Not copied";
      setTimeout(() => { textCopy.textContent = label; }, 1500);
    });
  }

  // A menu closes when something else is pressed, and one of a message also when one of its entries is.
  const entry = target.closest("details.menu-up button.menu-item");
  if (entry && !entry.closest("[data-keep-open]")) entry.closest("details.menu-up").open = false;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

// A menu that opens upwards opens where there is more room, and is never longer than that.
document.addEventListener("toggle", event => {
  const menu = event.target;
  if (!(menu instanceof HTMLDetailsElement) || !menu.open || !menu.classList.contains("menu-up")) return;
  const place = menu.getBoundingClientRect();
  const bar = document.querySelector("header.bar")?.getBoundingClientRect().bottom ?? 0;
  const within = menu.closest("[data-thread]")?.getBoundingClientRect();
  const above = place.top - Math.max(bar, within?.top ?? 0);
  const below = Math.min(innerHeight, within?.bottom ?? innerHeight) - place.bottom;
  menu.classList.toggle("menu-down", below > above);
  const sheet = menu.querySelector(".menu-sheet");
  if (!sheet) return;
  sheet.style.maxHeight = `${Math.max(120, Math.min(352, Math.max(above, below) - 16))}px`;
  sheet.style.translate = "";
  const over = sheet.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
  if (over > 0) sheet.style.translate = `${-over}px 0`;
}, true);

document.addEventListener("keydown", event => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form that is on its way cannot be sent again by a second press. The page that answers brings a fresh button.
document.addEventListener("submit", event => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  const button = event.submitter;
  if (button) setTimeout(() => { button.disabled = true; button.classList.add("is-busy"); });
});
addEventListener("pageshow", event => {
  if (event.persisted) for (const button of document.querySelectorAll(".is-busy")) { button.disabled = false; button.classList.remove("is-busy"); }
});

// An export of another service goes up by itself, with its progress: it may be large, and the body is passed on as it comes.
document.addEventListener("submit", event => {
  const form = event.target.closest("form[data-import]");
  if (!form) return;
  event.preventDefault();
  const say = form.querySelector("[data-import-says]");
  const progress = form.querySelector("progress");
  const file = form.querySelector("input[type=file]").files[0];
  if (!file) return;
  const request = new XMLHttpRequest();
  const bot = form.querySelector("select").value;
  request.open("POST", bot ? `/bff/imports?botId=${encodeURIComponent(bot)}` : "/bff/imports");
  request.setRequestHeader("RequestVerificationToken", form.querySelector("input[name=__RequestVerificationToken]").value);
  request.responseType = "json";
  progress.hidden = false;
  request.upload.onprogress = moved => { progress.value = moved.loaded / moved.total; };
  request.onloadend = () => {
    if (request.status === 202) location.reload();
    else { progress.hidden = true; say.textContent = request.response?.detail ?? "The file could not be sent. Try again in a moment."; }
  };
  const body = new FormData();
  body.append("file", file);
  request.send(body);
}, true);
const whileWorking = () => {
  const working = () => document.querySelector("[data-import-running], [data-rebuild=building]");
  if (!working()) return;
  setTimeout(() => {
    if (!working()) return;
    // Not under somebody's hands: an open dialog would be gone.
    if (document.querySelector(":popover-open")) whileWorking(); else location.reload();
  }, 3000);
};
whileWorking();

// navigator.clipboard needs https or localhost; elsewhere the old way still works.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement("textarea");
    box.value = text;
    box.className = "sr-only";
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}

async function reconnect() {
  // The server forgets a circuit after a while; what it showed is still there after a reload.
  if (!await Blazor.reconnect()) location.reload();
}

document.addEventListener("visibilitychange", () => {
  const notice = document.getElementById("components-reconnect-modal");
  if (document.visibilityState === "visible" && notice?.classList.contains("components-reconnect-failed")) reconnect();
});

Blazor.start({
  circuit: {
    reconnectionOptions: {
      maxRetries: 60,
      retryIntervalMilliseconds: tried => Math.min(500 * 1.6 ** tried, 5000),
    },
    configureSignalR: builder => builder.configureLogging("warning"),
  },
});

// Going from page to page without loading one: tell the keyboard and the screen reader that the place has changed.
let path = location.pathname;
Blazor.addEventListener("enhancedload", () => {
  whileWorking();
  if (location.pathname === path) return;
  path = location.pathname;
  const place = document.querySelector("main h1") ?? document.querySelector("main");
  if (document.querySelector("main [autofocus], main .chat, main .community")) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
});
