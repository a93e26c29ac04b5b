// How much of the inbox is unread, beside the bell of every page. Asked when a page is there, when its window comes to the front again, and once a minute while it is there.

const every = 60_000;
let asked = 0;

async function show() {
  const bell = document.querySelector("[data-inbox-bell]");
  if (!bell || document.hidden || Date.now() - asked < 5_000) return;
  asked = Date.now();
  try {
    const response = await fetch("/bff/inbox/count", { headers: { accept: "application/json" }, redirect: "error" });
    if (!response.ok) return;
    const { unread } = await response.json();
    const count = bell.querySelector("[data-inbox-count]");
    count.hidden = unread === 0;
    count.textContent = unread >= 100 ? "99+" : String(unread);
    bell.setAttribute("aria-label", unread === 0 ? "Inbox" : `Inbox, ${unread >= 100 ? "more than 99" : unread} unread`);
  } catch {
    // Away for a moment; the next time tells.
  }
}

show();
setInterval(show, every);
document.addEventListener("visibilitychange", show);
addEventListener("pageshow", () => { asked = 0; show(); });
