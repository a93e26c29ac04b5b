// Brings the marked passage into view, in whatever scrolls around it.
export function showMark(root) {
  const mark = root?.querySelector("mark.quoted");
  if (!mark) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  mark.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  mark.classList.remove("quoted-arrived");
  void mark.offsetWidth;
  mark.classList.add("quoted-arrived");
}
