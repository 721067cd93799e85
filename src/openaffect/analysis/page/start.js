// Wiring: links inside the page, keys that work everywhere, printing.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.cite, a.to-segment");
  if (!link) return;
  event.preventDefault();
  const id = link.hash.slice(1);
  if (link.classList.contains("cite")) openClue(id); else openSegment(id);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, select, textarea, dialog")) return;
  const keys = { "+": () => zoom(1.6), "=": () => zoom(1.6), "-": () => zoom(1 / 1.6), "0": () => view(0, data.duration) };
  if (event.key === "?") byId("help").showModal();
  else if (event.key === " " && media && !event.target.closest("button, summary, a, video, audio")) {
    if (media.paused) play(); else media.pause();
  } else if (data.duration && keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
});

byId("help-open").addEventListener("click", () => byId("help").showModal());
byId("all-why").addEventListener("click", () => {
  const all = [...document.querySelectorAll("#lines details")];
  const open = all.some((item) => !item.open);
  for (const item of all) item.open = open;
});
addEventListener("beforeprint", () => {
  for (const item of document.querySelectorAll("#lines details")) item.open = true;
});
addEventListener("hashchange", () => { if (clueById.has(location.hash.slice(1))) openClue(location.hash.slice(1)); });

byId("follow").parentNode.hidden = !media;
byId("all-why").hidden = !document.querySelector("#lines details");

startTimeline();
startLists();
startClock();
tell();
if (clueById.has(location.hash.slice(1))) openClue(location.hash.slice(1));
