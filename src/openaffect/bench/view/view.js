// Which items are shown, the list of them, and the keys.
// --- which items are shown ---
function haystack(item, only) {
  const key = only ? "values" : "all";
  if (!item[key]) {
    const steps = item.steps.filter(Boolean);
    const texts = only ? [] : [item.id, item.transcript, ...(item.facts || []).flat(), ...steps.flatMap((step) => [step[TEXT] || "", step[CAUSE]])];
    item[key] = [...texts, ...steps.map((step) => step[VALUE])].filter(Boolean).join("\n").toLowerCase();
  }
  return item[key];
}

function filter() {
  const part = byId("by-part").value;
  const stage = byId("by-stage").value;
  const outcome = byId("by-outcome").value;
  const text = byId("by-text").value.trim().toLowerCase();
  const only = byId("by-where").value === "v";
  const fits = outcome === "-" ? lost : (step) => Boolean(step) && (!outcome || step[OUTCOME] === outcome);
  const steps = (item) => (stage ? [item.steps[Number(stage)]] : item.steps);
  const before = found[chosen];
  found = data.items.filter((item) =>
    (!part || item.part === part) && ((!outcome && !stage) || steps(item).some(fits)) &&
    (!text || haystack(item, only).includes(text)));
  byId("count").textContent = words.count.replace("{shown}", found.length.toLocaleString()).replace("{all}", data.items.length.toLocaleString());
  choose(Math.max(found.indexOf(before), 0));
}

// --- the list: only the rows in sight exist ---
// What came out last; where nothing did, why the first step that went wrong did.
function gist(item) {
  const steps = item.steps.filter(Boolean);
  const value = steps.filter((step) => step[VALUE] !== null).pop();
  const cause = steps.find(lost) || steps.find((step) => step[CAUSE]);
  return (value ? whole(value[VALUE]) : (cause && whole(cause[CAUSE] || words[cause[OUTCOME]] || "")) || "–").slice(0, 200);
}

function row(item, at) {
  const made = element("div", "row");
  made.id = `row-${at}`;
  made.dataset.at = at;
  made.style.top = `${at * ROW}px`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", String(at === chosen));
  made.setAttribute("aria-setsize", found.length);
  made.setAttribute("aria-posinset", at + 1);
  const marks = element("i");
  item.steps.forEach((step, n) => {
    const mark = element("em", kind(step), MARKS[kind(step)]);
    mark.title = `${data.stages[n]}: ${step ? words[step[OUTCOME]] || step[OUTCOME] : words.not_reached}`;
    marks.append(mark);
  });
  made.append(marks, element("b", "", item.id), element("span", "", gist(item)));
  return made;
}

function draw() {
  const list = byId("list");
  const first = Math.max(Math.floor(list.scrollTop / ROW) - 8, 0);
  const rows = found.slice(first, first + Math.ceil(list.clientHeight / ROW) + 16);
  byId("window").style.height = `${found.length * ROW}px`;
  byId("window").replaceChildren(...rows.map((item, n) => row(item, first + n)));
  if (byId(`row-${chosen}`)) list.setAttribute("aria-activedescendant", `row-${chosen}`);
  else list.removeAttribute("aria-activedescendant");
}

function choose(at) {
  chosen = Math.min(Math.max(at, 0), Math.max(found.length - 1, 0));
  const list = byId("list");
  byId("window").style.height = `${found.length * ROW}px`;
  if (chosen * ROW < list.scrollTop) list.scrollTop = chosen * ROW;
  else if ((chosen + 1) * ROW > list.scrollTop + list.clientHeight) list.scrollTop = (chosen + 1) * ROW - list.clientHeight;
  draw();
  show(found[chosen]);
}

// --- keys ---
function nextFailure() {
  const at = found.findIndex((item, n) => n > chosen && item.steps.some(lost));
  if (at >= 0) choose(at);
}

function play() {
  const sound = document.querySelector("#detail audio");
  // a browser may refuse to play, and a sound may be gone: the page says so beside it
  if (sound && sound.paused) sound.play().catch(() => undefined);
  else if (sound) sound.pause();
}

const ANYWHERE = { j: () => choose(chosen + 1), k: () => choose(chosen - 1), f: nextFailure, p: play, "/": () => byId("by-text").focus(), "?": () => byId("help").showModal() };
const IN_LIST = {
  ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1), PageDown: () => choose(chosen + 10),
  PageUp: () => choose(chosen - 10), Home: () => choose(0), End: () => choose(found.length - 1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("dialog")) return;
  if (event.target.closest("input, select")) {
    if (event.key !== "Escape" && !(event.key === "Enter" && event.target.id === "by-text")) return;
    byId("list").focus();
  } else {
    const key = ANYWHERE[event.key] || (event.target.closest("audio, summary") ? null : IN_LIST[event.key]);
    if (!key) return;
    key();
  }
  event.preventDefault();
});

let waiting = 0;
byId("filters").addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(filter, event.target.id === "by-text" ? 120 : 0);
});
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("list").addEventListener("scroll", () => requestAnimationFrame(draw));
byId("list").addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (row) { choose(Number(row.dataset.at)); byId("list").focus({ preventScroll: true }); }
});
byId("help-open").addEventListener("click", () => byId("help").showModal());
addEventListener("resize", draw);

for (const part of new Set(data.items.map((item) => item.part))) byId("by-part").append(new Option(part, part));
data.stages.forEach((name, n) => byId("by-stage").append(new Option(name, n)));
const outcomes = new Set(data.items.flatMap((item) => item.steps.filter(Boolean).map((step) => step[OUTCOME])));
for (const name of outcomes) byId("by-outcome").append(new Option(words[name] || name, name));
filter();
