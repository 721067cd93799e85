// The transcript with its readings, and the filterable list of clues.
const PAGE = 200;
const COLUMNS = ["id", "modality", "person", "start", "end", "name", "value", "unit", "baseline", "confidence", "peak", "sentence", "quote"];
const clues = data.clues.map((row) => Object.fromEntries(COLUMNS.map((name, i) => [name, row[i]])));
const clueById = new Map(clues.map((clue) => [clue.id, clue]));
const lines = [...document.querySelectorAll("#lines > .line")].map((item) => ({
  item,
  id: item.id,
  person: item.dataset.person,
  label: item.dataset.label || "",
  family: [...item.classList].find((name) => name.startsWith("fam-")),
  start: Number(item.dataset.start),
  end: Number(item.dataset.end),
  button: item.querySelector(".go"),
}));
let found = [];
let first = 0;
let shown = 0;
let resetClues = () => undefined;

// Scroll only inside the list where it scrolls by itself, so that the page stays put.
function reveal(item, box) {
  const inner = getComputedStyle(box).overflowY === "auto";
  if (!inner) { item.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" }); return; }
  const top = item.getBoundingClientRect().top - box.getBoundingClientRect().top;
  const bottom = top + item.offsetHeight;
  if (top < 0 || bottom > box.clientHeight) box.scrollTo({ top: box.scrollTop + top - 40, behavior: calm.matches ? "auto" : "smooth" });
}

function choose(line, scroll) {
  state.chosen = line;
  for (const other of spans) other.span.classList.toggle("chosen", other === line);
  if (scroll) reveal(line.item, byId("lines"));
  if (byId("by-segment").checked) filter();
}

function followTime(time) {
  let latest = null;
  for (const line of lines) {
    const inside = time >= line.start && time < line.end;
    line.item.classList.toggle("current", inside);
    if (inside) { line.item.setAttribute("aria-current", "true"); latest = line; } else line.item.removeAttribute("aria-current");
  }
  if (!latest || latest === state.playing) return;
  state.playing = latest;
  if (media && !media.paused && byId("follow").checked) choose(latest, getComputedStyle(byId("lines")).overflowY === "auto");
}

function citedBy() {
  const cited = new Map();
  for (const link of document.querySelectorAll("#lines .cite")) {
    const line = link.closest(".line").id;
    const id = link.hash.slice(1);
    if (!cited.has(id)) cited.set(id, new Set());
    cited.get(id).add(line);
  }
  return cited;
}

function clueItem(clue, cited) {
  const item = element("li", "clue");
  item.id = clue.id;
  const button = element("button", "go");
  button.type = "button";
  const meta = element("span", "meta");
  meta.append(element("b", "", clue.id), " ", element("span", "dot", words[clue.modality]), ` ${clue.person}`);
  if (clue.end > clue.start) meta.append(` · ${clock(clue.start)}–${clock(clue.end)}`);
  const measure = element("span", "measure");
  measure.append(part(clue.name, `${clue.value} ${clue.unit}`));
  measure.append(clue.baseline === null ? element("span", "", words.no_baseline) : part(words.baseline, clue.baseline));
  measure.append(part(words.confidence, clue.confidence.toFixed(2)));
  if (clue.peak !== null && data.duration) measure.append(part(words.peak, clock(clue.peak)));
  button.append(meta, element("span", "", clue.sentence), measure);
  if (clue.quote !== null) { const quote = element("q", "", clue.quote); quote.dir = "auto"; button.append(quote); }
  button.addEventListener("click", () => { seek(clue.start); point(clue, item); });
  button.addEventListener("keydown", (event) => spaceToggles(event, clue.start, clue.end));
  item.append(button, backLinks(cited.get(clue.id)));
  return item;
}

function part(name, value) {
  const box = element("span", "", `${name} `);
  box.append(element("b", "", value));
  return box;
}

function backLinks(ids) {
  const box = element("div", "back", ids ? `${words.cited_in} ` : words.not_cited);
  for (const id of ids || []) {
    const link = element("a", "to-segment", id);
    link.href = `#${id}`;
    box.append(link, " ");
  }
  return box;
}

function point(clue, item) {
  for (const other of document.querySelectorAll(".clue.target")) other.classList.remove("target");
  if (item) item.classList.add("target");
  markClue(clue);
  show(clue.start, clue.end);
}

function filter() {
  const modality = byId("by-modality").value;
  const person = byId("by-person").value;
  const text = byId("by-text").value.trim().toLowerCase();
  const line = byId("by-segment").checked ? state.chosen : null;
  found = clues.filter((clue) =>
    (!modality || clue.modality === modality) && (!person || clue.person === person) &&
    (!line || (clue.person === line.person && clue.start < Math.max(line.end, line.start + 1e-6) && clue.end >= line.start)) &&
    (!text || `${clue.id} ${clue.name} ${clue.sentence} ${clue.quote || ""}`.toLowerCase().includes(text)));
  list(0);
}

// Show the found clues from one of them on, a page at a time: thousands at once would take the browser half a minute.
function list(from) {
  first = from;
  shown = from;
  byId("clue-list").replaceChildren();
  more();
}

function more() {
  const cited = citedBy.cache || (citedBy.cache = citedBy());
  const next = found.slice(shown, shown + PAGE);
  byId("clue-list").append(...next.map((clue) => clueItem(clue, cited)));
  shown += next.length;
  byId("more").hidden = shown >= found.length;
  byId("earlier").hidden = first === 0;
  byId("clue-count").textContent = words.count.replace("{shown}", shown - first).replace("{all}", found.length);
  resetClues();
}

function openClue(id) {
  const clue = clueById.get(id);
  if (!clue) return;
  if (!found.includes(clue)) {
    byId("filters").reset();
    filter();
  }
  const at = found.indexOf(clue);
  if (at < first || at >= shown) list(Math.max(at - 5, 0));
  const item = byId(id);
  reveal(item, byId("clue-list").parentNode);
  item.querySelector(".go").focus({ preventScroll: true });
  point(clue, item);
}

function openSegment(id) {
  const line = lines.find((item) => item.id === id);
  if (!line) return;
  choose(line, true);
  line.button.focus({ preventScroll: true });
}

function startLists() {
  for (const line of lines) {
    line.button.addEventListener("click", () => { seek(line.start); choose(line, false); show(line.start, line.end); });
    line.button.addEventListener("keydown", (event) => spaceToggles(event, line.start, line.end));
  }
  rove(byId("lines"), ".go", ["ArrowUp", "ArrowDown"])();
  resetClues = rove(byId("clue-list"), ".go", ["ArrowUp", "ArrowDown"]);
  for (const person of data.people) byId("by-person").append(new Option(person, person));
  byId("filters").addEventListener("input", filter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("more").addEventListener("click", more);
  byId("earlier").addEventListener("click", () => list(Math.max(first - PAGE, 0)));
  filter();
  onTime(followTime);
  followTime(0);
}
