import { DIMENSIONS, RATE, Student, decode } from "./student.mjs";
import { language, say } from "./words.mjs";

const HOP = RATE / 2;
const SPAN = RATE * 2;
const COLOURS = ["#c2452d", "#2f6fab", "#3d8b4f"];
const at = (id) => document.getElementById(id);
const tell = (key) => { at("state").textContent = say(key); };
let points = [];
let stopListening = null;

function table(values) {
  at("values").replaceChildren(...DIMENSIONS.map((name, place) => {
    const row = document.createElement("tr");
    const known = Number.isFinite(values[place]);
    for (const [text, kind] of [[say("names")[name], ""], [known ? values[place].toFixed(3) : say("absent"), "number"], [say(name), ""]]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      cell.className = kind;
      row.append(cell);
    }
    row.firstChild.style.color = COLOURS[place];
    return row;
  }));
  at("result").hidden = false;
}

function draw() {
  const canvas = at("trace");
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  const style = getComputedStyle(document.body);
  pen.clearRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  for (const mark of [0, 0.5, 1]) {
    const y = height - 20 - mark * (height - 40);
    pen.strokeStyle = style.getPropertyValue("--line");
    pen.strokeRect(30, y, width - 40, 0);
    pen.fillStyle = style.color;
    pen.fillText(mark.toString(), 6, y + 4);
  }
  const shown = points.slice(-120);
  const step = (width - 50) / Math.max(shown.length - 1, 1);
  DIMENSIONS.forEach((_, dimension) => {
    pen.strokeStyle = pen.fillStyle = COLOURS[dimension];
    pen.lineWidth = 2;
    let before = null;
    shown.forEach((point, place) => {
      const value = point?.[dimension];
      const here = Number.isFinite(value) ? [35 + place * step, height - 20 - value * (height - 40)] : null;
      if (here) {
        pen.beginPath();
        pen.moveTo(...(before ?? here));
        pen.lineTo(...here);
        pen.stroke();
        pen.fillRect(here[0] - 2, here[1] - 2, 4, 4);
      }
      before = here;
    });
  });
}

async function readFile(student, file) {
  tell("reading");
  points = [];
  at("result").hidden = true;
  let samples;
  try {
    samples = await decode(await file.arrayBuffer());
  } catch {
    return tell("broken");
  }
  for (let end = Math.min(SPAN, samples.length); end <= samples.length; end += HOP) {
    points.push((await student.read(samples.subarray(Math.max(0, end - SPAN), end))).values ?? null);
  }
  const whole = await student.read(samples);
  if (whole.reason) return tell(whole.reason);
  table(whole.values);
  draw();
  tell("ready");
}

async function listen(student) {
  let media;
  try {
    media = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, autoGainControl: false } });
  } catch {
    return tell("nomic");
  }
  const context = new AudioContext({ sampleRate: RATE });
  await context.audioWorklet.addModule("tap.mjs");
  const tap = new AudioWorkletNode(context, "tap");
  context.createMediaStreamSource(media).connect(tap);
  points = [];
  let held = new Float32Array(0);
  let fresh = 0;
  let busy = false;
  tap.port.onmessage = async ({ data }) => {
    const joined = new Float32Array(held.length + data.length);
    joined.set(held);
    joined.set(data, held.length);
    held = joined.slice(-SPAN);
    fresh += data.length;
    if (fresh < HOP || busy) return;
    fresh = 0;
    busy = true;
    const found = await student.read(held);
    busy = false;
    points.push(found.values ?? null);
    if (found.values) table(found.values);
    draw();
    tell(found.reason ?? "listening");
  };
  tell("listening");
  at("microphone").textContent = say("stop");
  stopListening = () => {
    media.getTracks().forEach((track) => track.stop());
    context.close();
    stopListening = null;
    at("microphone").textContent = say("microphone");
    tell("ready");
  };
}

document.documentElement.lang = language;
document.querySelectorAll("[data-say]").forEach((place) => { place.textContent = say(place.dataset.say); });
document.title = say("title");
at("trace").setAttribute("aria-label", say("caption"));
tell("loading");
try {
  const student = await Student.load();
  const { name, network, note, trained } = student.facts;
  at("student").textContent = [name || network, note, trained ? "" : say("untrained")].filter(Boolean).join(" — ");
  at("file").addEventListener("change", (event) => event.target.files[0] && readFile(student, event.target.files[0]));
  at("microphone").addEventListener("click", () => (stopListening ? stopListening() : listen(student)));
  window.student = student; // for tests and for the console
  tell("ready");
} catch (error) {
  console.error(error);
  tell("unloaded");
}
