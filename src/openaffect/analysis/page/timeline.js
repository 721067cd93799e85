// Lanes: per person the segments, then the measured curves, on one zoomable view of the recording.
const FAMILY_OF = { neutral: "neutral", happy: "joy", sad: "sadness", angry: "anger", fearful: "fear", disgusted: "disgust", surprised: "surprise" };
const spans = [];
const strips = [];
const marks = [];

const width = () => state.end - state.start || 1;
const share = (seconds) => (seconds - state.start) / width();

function place(item, start, end) {
  item.hidden = end < state.start || start > state.end;
  if (item.hidden) return;
  const left = Math.max(share(start), 0);
  item.style.left = `${left * 100}%`;
  const part = Math.min(share(end), 1) - left;
  item.style.width = `${part * 100}%`;
  return part;
}

function color(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function strokeOf(curve) {
  const expression = curve.name.startsWith("expression_") ? FAMILY_OF[curve.name.slice(11)] : null;
  return color(expression ? `--${expression}` : "--soft");
}

function draw(strip) {
  const ratio = devicePixelRatio || 1;
  const box = strip.canvas.getBoundingClientRect();
  if (!box.width) return;
  strip.canvas.width = Math.round(box.width * ratio);
  strip.canvas.height = Math.round(box.height * ratio);
  const pen = strip.canvas.getContext("2d");
  pen.scale(ratio, ratio);
  for (const curve of strip.curves) drawCurve(pen, curve, box.width, box.height - 4);
}

function drawCurve(pen, curve, wide, high) {
  pen.strokeStyle = strokeOf(curve);
  let down = false;
  const first = Math.max(Math.floor((state.start - curve.start) / curve.step) - 1, 0);
  const last = Math.min(Math.ceil((state.end - curve.start) / curve.step) + 1, curve.values.length - 1);
  // many values a pixel make a band; let what lies below it show through
  const crowded = last - first > 2 * wide;
  pen.lineWidth = crowded ? 1 : 1.5;
  pen.globalAlpha = crowded ? 0.55 : 1;
  pen.beginPath();
  for (let i = first; i <= last; i += 1) {
    const value = curve.values[i];
    if (value === null) { down = false; continue; }
    const x = share(curve.start + i * curve.step) * wide;
    const y = 2 + (1 - value / 999) * high;
    if (down) pen.lineTo(x, y); else { pen.moveTo(x, y); pen.lineTo(x + 0.5, y); }
    down = true;
  }
  pen.stroke();
}

function stripOf(body, name, curves) {
  const box = element("div", "strip");
  const canvas = element("canvas");
  canvas.setAttribute("role", "img");
  const { unit, low, high, person } = curves[0];
  const title = `${words[name] || name} (${unit})`;
  const scale = `${Number(low.toPrecision(3))} – ${Number(high.toPrecision(3))}`;
  canvas.setAttribute("aria-label", `${person}: ${title}, ${scale}`);
  box.append(canvas, element("span", "", title), element("span", "scale", scale));
  body.append(box);
  strips.push({ canvas, curves, box });
}

function lane(name) {
  const row = element("div", "lane");
  const body = element("div", "body");
  row.append(element("b", "", name), body);
  byId("lanes").append(row);
  body.addEventListener("click", (event) => {
    if (event.target.closest(".span")) return;
    const box = body.getBoundingClientRect();
    seek(state.start + ((event.clientX - box.left) / box.width) * width());
  });
  body.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = body.getBoundingClientRect();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, state.start + ((event.clientX - box.left) / box.width) * width());
  }, { passive: false });
  return body;
}

function personLane(person) {
  const body = lane(person);
  const group = element("div", "spans");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `${words.timeline}: ${person}`);
  for (const line of lines.filter((item) => item.person === person && item.id)) group.append(spanOf(line));
  body.append(group);
  rove(group, ".span", ["ArrowLeft", "ArrowRight"])();
  const mine = data.curves.filter((curve) => curve.person === person);
  const expressions = mine.filter((curve) => curve.name.startsWith("expression_"));
  if (expressions.length) stripOf(body, "expression", expressions);
  for (const curve of mine) if (!expressions.includes(curve)) stripOf(body, curve.name, [curve]);
  const mark = element("div", "mark");
  mark.hidden = true;
  body.append(mark);
  marks.push({ mark, person });
}

function spanOf(line) {
  const text = line.label || words.no_label;
  const button = element("button", `span ${line.family}`, text);
  button.type = "button";
  button.tabIndex = -1;
  const name = `${line.id}, ${line.person}, ${clock(line.start)}–${clock(line.end)}: ${text}`;
  button.setAttribute("aria-label", name);
  button.title = name;
  button.addEventListener("click", () => { seek(line.start); choose(line, true); });
  button.addEventListener("keydown", (event) => spaceToggles(event, line.start, line.end));
  button.addEventListener("focus", () => show(line.start, line.end));
  line.span = button;
  spans.push(line);
  return button;
}

function spaceToggles(event, start, end) {
  if (event.key !== " ") return;
  event.preventDefault();
  event.stopPropagation();
  toggle(start, end);
}

function ruler() {
  const body = byId("lanes").querySelector(".ruler .body");
  body.replaceChildren();
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
  const room = Math.max(body.clientWidth / 80, 2);
  const step = steps.find((size) => width() / size <= room) || 28800;
  for (let time = Math.ceil(state.start / step) * step; time < state.end; time += step) {
    const tick = element("span", "tick", step < 1 ? clock(time) : clock(time).replace(/\.0$/, ""));
    tick.style.left = `${share(time) * 100}%`;
    body.append(tick);
  }
}

function layout() {
  const wide = byId("lanes").clientWidth;
  for (const line of spans) line.span.classList.toggle("narrow", place(line.span, line.start, line.end) * wide < 14);
  for (const item of marks) if (item.clue) place(item.mark, item.clue.start, item.clue.end);
  for (const strip of strips) if (!strip.box.hidden) draw(strip);
  ruler();
  const spare = data.duration - width();
  byId("position").disabled = spare <= 1e-6;
  byId("position").value = spare > 1e-6 ? (state.start / spare) * 1000 : 0;
  movePlayhead();
}

function movePlayhead() {
  const head = byId("lanes").querySelector(".playhead");
  head.hidden = state.time < state.start || state.time > state.end;
  head.style.left = `${share(state.time) * 100}%`;
  byId("now").textContent = `${clock(state.time)} / ${clock(data.duration)}`;
}

function view(start, length) {
  const size = Math.min(Math.max(length, Math.min(0.5, data.duration)), data.duration);
  state.start = Math.min(Math.max(start, 0), data.duration - size);
  state.end = state.start + size;
  layout();
}

function zoom(factor, around) {
  const at = around === undefined ? (state.time >= state.start && state.time <= state.end ? state.time : state.start + width() / 2) : around;
  const length = width() / factor;
  view(at - share(at) * length, length);
}

// Bring a span into view without changing the zoom.
function show(start, end) {
  if (data.duration && (start < state.start || end > state.end)) view(start - width() * 0.1, width());
}

function markClue(clue) {
  for (const item of marks) {
    item.clue = clue && item.person === clue.person ? clue : null;
    item.mark.hidden = !item.clue;
    if (item.clue) place(item.mark, clue.start, clue.end);
  }
}

function legend() {
  const names = new Set(data.curves.filter((curve) => curve.name.startsWith("expression_")).map((curve) => curve.name.slice(11)));
  for (const name of names) {
    const item = element("span", `fam-${FAMILY_OF[name] || "other"}`);
    item.append(element("i"), words[name] || name);
    byId("legend").append(item);
  }
}

function startTimeline() {
  if (!data.duration) return;
  byId("timeline").hidden = false;
  lane("").parentNode.classList.add("ruler");
  for (const person of data.people) personLane(person);
  const frame = element("div", "frame");
  frame.append(element("div", "playhead"));
  byId("lanes").append(frame);
  legend();
  byId("zoom-in").addEventListener("click", () => zoom(1.6));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
  byId("zoom-fit").addEventListener("click", () => view(0, data.duration));
  byId("position").addEventListener("input", (event) => view((event.target.value / 1000) * (data.duration - width()), width()));
  byId("show-curves").addEventListener("change", (event) => {
    for (const strip of strips) strip.box.hidden = !event.target.checked;
    byId("legend").hidden = !event.target.checked;
    layout();
  });
  new ResizeObserver(layout).observe(byId("lanes"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", layout);
  layout();
  onTime(() => {
    if (media && !media.paused && byId("follow").checked) show(state.time, state.time);
    movePlayhead();
  });
}
