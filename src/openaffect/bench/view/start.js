// What all parts share: the data, which items are found, which one is chosen.
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const byId = (id) => document.getElementById(id);
const [OUTCOME, TEXT, VALUE, CAUSE, ATTEMPTS, LATENCY, TOKENS_IN, TOKENS_OUT, COST, CACHED] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const ROW = 44; // height of a row, as in the style
const KINDS = { answered: "good", refused: "odd", empty: "odd", unreadable: "odd", failed: "bad", unasked: "none", skipped: "none" };
const MARKS = { good: "●", odd: "▲", bad: "✕", none: "○" };
let found = data.items;
let chosen = 0;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

const kind = (step) => (step ? KINDS[step[OUTCOME]] || "odd" : "none");
const lost = (step) => Boolean(step) && step[VALUE] === null && step[OUTCOME] !== "skipped";
const whole = (text) => text.split("\0")[0];
const replyOf = (step) => (step[TEXT] === 0 ? step[VALUE] : step[TEXT]);
