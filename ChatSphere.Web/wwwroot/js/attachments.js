// What is added to a question: picked, pasted or dropped. Each file is a request of its own; large pictures are made smaller here, because models look at them no closer.
const LARGEST_SIDE = 2048;

export function attach(tray, dotnet) {
  const form = tray.parentElement.querySelector("[data-composer]");
  const input = tray.querySelector("input[type=file]");
  const box = form.querySelector("textarea");
  const events = new AbortController();
  const running = new Set();
  let depth = 0;
  const on = (target, type, handler) => target.addEventListener(type, handler, { signal: events.signal });
  const hasFiles = event => event.dataTransfer && [...event.dataTransfer.types].includes("Files");

  on(form, "click", event => { if (event.target.closest("[data-attach]")) input.click(); });
  on(input, "change", () => { add([...input.files]); input.value = ""; });
  on(box, "paste", event => {
    const files = [...(event.clipboardData?.files ?? [])];
    // A cell copied from a sheet brings a picture of itself; who pastes text wants the text.
    if (files.length && !event.clipboardData.types.includes("text/plain")) {
      event.preventDefault();
      add(files);
    }
  });

  // The whole page takes a drop: a file that misses the box by a hair must not navigate away.
  on(document, "dragenter", event => { if (hasFiles(event)) { depth++; form.classList.add("composer-over"); } });
  on(document, "dragleave", event => { if (hasFiles(event) && --depth <= 0) { depth = 0; form.classList.remove("composer-over"); } });
  on(document, "dragover", event => { if (hasFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
  on(document, "drop", event => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    form.classList.remove("composer-over");
    add([...event.dataTransfer.files]);
  });

  async function add(files) {
    if (!files.length) return;
    const address = await dotnet.invokeMethodAsync("Begin", files.length);
    if (!address) return;
    await Promise.all(files.map(file => send(file, address)));
    box.focus();
  }

  async function send(file, address) {
    const abort = new AbortController();
    running.add(abort);
    try {
      const body = new FormData();
      const picture = await smaller(file);
      body.append("file", picture, picture.name);
      const response = await fetch(address, { method: "POST", body, headers: { RequestVerificationToken: tray.dataset.token }, signal: abort.signal });
      if (response.status === 401) {
        location.reload();
        return;
      }
      const answer = await response.json().catch(() => null);
      await dotnet.invokeMethodAsync("Arrived", file.name, response.status === 201 ? answer.attachments : null, response.status === 201 ? null : answer?.detail ?? "It could not be added.");
    } catch {
      if (!abort.signal.aborted) await dotnet.invokeMethodAsync("Arrived", file.name, null, "The connection broke off. Try again.").catch(() => {});
    } finally {
      running.delete(abort);
    }
  }

  tray.dataset.attached = "";
  return { dispose() { events.abort(); for (const abort of running) abort.abort(); } };
}

async function smaller(file) {
  if (!/^image\/(png|jpeg|webp)$/.test(file.type)) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = LARGEST_SIDE / Math.max(picture.width, picture.height);
    if (scale >= 1) return file;
    const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const type = file.type === "image/jpeg" ? "image/jpeg" : "image/png";
    return new File([await canvas.convertToBlob({ type, quality: 0.9 })], file.name, { type });
  } catch {
    return file;
  }
}
