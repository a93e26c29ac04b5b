// Files go by XMLHttpRequest, because fetch does not report upload progress. Each file is a request of its own: one that fails does not take others with it.
const AT_ONCE = 2;

export function attach(drop, list, dotnet) {
  const input = drop.querySelector("input[type=file]");
  const waiting = [];
  const running = new Set();
  let depth = 0;

  const hasFiles = event => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const events = new AbortController();
  const on = (target, type, handler) => target.addEventListener(type, handler, { signal: events.signal });

  // The whole page takes a drop: a file that misses the box by a hair must not navigate away.
  on(document, "dragenter", event => { if (hasFiles(event)) { depth++; drop.classList.add("drop-over"); } });
  on(document, "dragleave", event => { if (hasFiles(event) && --depth <= 0) { depth = 0; drop.classList.remove("drop-over"); } });
  on(document, "dragover", event => { if (hasFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
  on(document, "drop", event => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    drop.classList.remove("drop-over");
    add(event.dataTransfer.files);
  });
  on(drop, "click", event => { if (event.target.closest("[data-pick]")) input.click(); });
  on(input, "change", () => { add(input.files); input.value = ""; });
  on(window, "beforeunload", event => { if (running.size || waiting.length) event.preventDefault(); });

  function add(files) {
    for (const file of files) {
      const row = rowFor(file);
      list.append(row.element);
      waiting.push({ file, row });
    }
    next();
  }

  function next() {
    while (running.size < AT_ONCE && waiting.length) send(waiting.shift());
  }

  function send(job) {
    const { file, row } = job;
    const request = new XMLHttpRequest();
    running.add(request);
    row.start(() => request.abort());
    request.open("POST", drop.dataset.uploadUrl);
    request.setRequestHeader("RequestVerificationToken", drop.dataset.token);
    request.responseType = "json";
    request.upload.onprogress = event => row.progress(event.loaded / event.total);
    request.upload.onload = () => row.progress(1);
    request.onloadend = () => {
      running.delete(request);
      const documents = request.response?.documents;
      if (request.status === 202 && documents) {
        const already = documents.some(d => d.alreadyThere);
        Promise.all(documents.map(d => dotnet.invokeMethodAsync("Uploaded", d.id).catch(() => {}))).then(() => already ? row.already() : row.element.remove());
      } else if (request.status === 401) {
        location.reload();
      } else {
        row.failed(request.response?.detail ?? (row.cancelled ? "Cancelled." : "The upload broke off."), () => { waiting.push(job); next(); }, request.response?.code === "plan_limit_reached");
      }
      next();
    };
    const body = new FormData();
    body.append("file", file, file.name);
    request.send(body);
  }

  drop.dataset.attached = "";
  return { dispose() { events.abort(); waiting.length = 0; for (const request of running) request.abort(); } };
}

function rowFor(file) {
  const element = document.createElement("li");
  element.className = "doc doc-uploading";
  const main = child(element, "div", "doc-main");
  child(main, "p", "doc-name", file.name);
  const facts = child(main, "p", "doc-facts");
  const tag = child(facts, "span", "tag tag-busy", "Waiting to upload");
  const share = child(facts, "span", "", size(file.size));
  const bar = child(main, "progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `Upload of ${file.name}`);
  const reason = child(main, "p", "doc-reason");
  reason.hidden = true;
  reason.setAttribute("role", "alert");
  const actions = child(element, "div", "doc-actions");
  const row = {
    element,
    cancelled: false,
    start(abort) {
      row.cancelled = false;
      element.className = "doc doc-uploading";
      tag.className = "tag tag-busy";
      tag.textContent = "Uploading";
      bar.hidden = false;
      bar.value = 0;
      reason.hidden = true;
      actions.replaceChildren(button("Cancel", () => { row.cancelled = true; abort(); }));
    },
    progress(part) {
      bar.value = part;
      share.textContent = part >= 1 ? "Storing…" : `${Math.floor(part * 100)}% of ${size(file.size)}`;
    },
    failed(text, retry, ofPlan) {
      element.className = "doc doc-failed";
      tag.className = "tag tag-bad";
      tag.textContent = "Not uploaded";
      share.textContent = size(file.size);
      bar.hidden = true;
      reason.textContent = text;
      if (ofPlan) {
        const link = child(reason, "a", "", "See my plan");
        link.href = "/settings/plan";
        link.before(" ");
      }
      reason.hidden = false;
      actions.replaceChildren(button("Retry", retry), button("Dismiss", () => element.remove()));
    },
    already() {
      tag.className = "tag tag-off";
      tag.textContent = "Already here";
      share.textContent = "The bot has this very file.";
      bar.hidden = true;
      actions.replaceChildren(button("Dismiss", () => element.remove()));
      setTimeout(() => element.remove(), 8000);
    },
  };
  return row;
}

function child(parent, tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  parent.append(element);
  return element;
}

function button(text, press) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button button-small";
  element.textContent = text;
  element.addEventListener("click", press);
  return element;
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
