// What all parts share: the data, the clock, and the media element (there may be none).
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const byId = (id) => document.getElementById(id);
const media = byId("media");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const state = { time: 0, start: 0, end: data.duration, chosen: null };

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36000);
  const rest = (tenths % 600) / 10;
  const head = hours ? `${hours}:${String(minutes).padStart(2, "0")}` : String(minutes);
  return `${head}:${rest.toFixed(1).padStart(4, "0")}`;
}

const listeners = [];
function onTime(callback) { listeners.push(callback); }
function tell() { for (const callback of listeners) callback(state.time); }

function seek(seconds) {
  state.time = Math.min(Math.max(seconds, 0), data.duration);
  if (media) media.currentTime = state.time;
  tell();
}

function play() {
  // a browser may refuse to play; the times still work, so there is nothing to mend
  if (media) media.play().catch(() => undefined);
}

// Space on a segment or a clue: pause inside it while it plays, else play from its start.
function toggle(start, end) {
  if (media && !media.paused && state.time >= start && state.time < end) { media.pause(); return; }
  seek(start);
  play();
}

function startClock() {
  if (!media) return;
  const failed = () => { byId("media-error").hidden = false; };
  media.addEventListener("error", failed);
  if (media.error) failed();
  const read = () => { state.time = media.currentTime; tell(); };
  for (const name of ["timeupdate", "seeked", "pause"]) media.addEventListener(name, read);
  const frame = () => { if (!media.paused) { read(); requestAnimationFrame(frame); } };
  media.addEventListener("play", () => requestAnimationFrame(frame));
}

// One tab stop per group: arrows move the focus, Home and End jump.
function rove(group, selector, keys) {
  const items = () => [...group.querySelectorAll(selector)].filter((item) => item.offsetParent);
  const only = (item) => {
    for (const other of group.querySelectorAll(`${selector}[tabindex="0"]`)) other.tabIndex = -1;
    item.tabIndex = 0;
  };
  group.addEventListener("focusin", (event) => { if (event.target.matches(selector)) only(event.target); });
  group.addEventListener("keydown", (event) => {
    if (!event.target.matches(selector) || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = items();
    const at = all.indexOf(event.target);
    const to = { [keys[0]]: at - 1, [keys[1]]: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = all[Math.min(Math.max(to, 0), all.length - 1)];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  });
  return () => {
    const all = [...group.querySelectorAll(selector)];
    for (const item of all) item.tabIndex = -1;
    if (all.length) all[0].tabIndex = 0;
  };
}
