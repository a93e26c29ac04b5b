// Shows the chosen picture before it is sent. Drawn, not linked: the page's policy lets no picture in but the site's own.
document.addEventListener("change", async event => {
  const input = event.target instanceof Element ? event.target.closest("[data-picture]") : null;
  const canvas = document.querySelector("[data-picture-preview]");
  const file = input?.files[0];
  if (!canvas || !input) return;
  canvas.hidden = true;
  if (!file) return;
  try {
    const picture = await createImageBitmap(file);
    const side = Math.min(picture.width, picture.height);
    canvas.getContext("2d").drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;
    picture.close();
  } catch {
    // Not a picture that this browser knows; the server says what is wrong with it.
  }
});
