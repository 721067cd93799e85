// One item: its clip, what is known of it, and what each stage made of it.
function long(text, className) {
  const [kept, more] = text.split("\0");
  const box = element("div", className, kept);
  if (more) box.append(element("span", "cut", words.cut.replace("{more}", Number(more).toLocaleString())));
  return box;
}

function field(name, text, className) {
  const box = element("div", "field");
  box.append(element("span", "", name), long(text, className));
  return box;
}

function numbers(step) {
  const parts = [];
  if (step[ATTEMPTS]) parts.push(words.attempts.replace("{n}", step[ATTEMPTS]));
  if (step[LATENCY]) parts.push(`${step[LATENCY].toFixed(2)} ${words.latency}`);
  if (step[TOKENS_IN] !== null) parts.push(`${step[TOKENS_IN].toLocaleString()} ${words.tokens_in}`);
  if (step[TOKENS_OUT] !== null) parts.push(`${step[TOKENS_OUT].toLocaleString()} ${words.tokens_out}`);
  if (step[COST] !== null) parts.push(`${words.cost} ${step[COST]}`);
  if (step[CACHED]) parts.push(words.cached);
  return element("span", "numbers", parts.join(" · "));
}

function question(messages) {
  const box = element("details");
  box.append(element("summary", "", words.asked));
  for (const [role, text, pictures, seconds] of messages) {
    const media = [pictures ? `${pictures} ${words.pictures}` : "", seconds ? `${seconds} ${words.sound_s}` : ""].filter(Boolean).join(", ");
    box.append(field(role, media ? `[${media}]\n${text}` : text, "said"));
  }
  return box;
}

function stage(item, n) {
  const step = item.steps[n];
  const box = element("section", "stage");
  const bar = element("div", "bar");
  bar.append(element("h3", "", data.stages[n]), element("span", `badge ${kind(step)}`, step ? words[step[OUTCOME]] || step[OUTCOME] : words.not_reached));
  box.append(bar);
  if (!step) return box;
  bar.append(numbers(step));
  const messages = (item.asked || [])[n];
  if (messages && messages.length) box.append(question(messages));
  const reply = replyOf(step);
  if (reply) box.append(field(words.reply, reply, "said"));
  if (step[VALUE] !== null && step[TEXT] !== 0) box.append(field(words.read, step[VALUE], "value"));
  if (step[CAUSE]) box.append(field(words.cause, step[CAUSE], kind(step)));
  return box;
}

function media(item) {
  const parts = [];
  if (item.frames) {
    const strip = element("div", "frames");
    item.frames.forEach((source, n) => {
      const picture = element("img");
      picture.src = source;
      picture.alt = `${words.frame} ${n + 1}`;
      strip.append(picture);
    });
    parts.push(strip);
  }
  if (item.sound) {
    const sound = element("audio");
    sound.controls = true;
    sound.preload = "none";
    sound.src = item.sound;
    sound.setAttribute("aria-label", words.sound);
    sound.addEventListener("error", () => sound.after(element("p", "small", words.sound_error)), { once: true });
    parts.push(sound);
  }
  return parts;
}

function button(text, step) {
  const made = element("button", "", text);
  made.type = "button";
  made.disabled = !found[chosen + step];
  made.addEventListener("click", () => choose(chosen + step));
  return made;
}

function show(item) {
  const detail = byId("detail");
  if (!item) { detail.replaceChildren(element("p", "soft", data.items.length ? words.none_found : words.nothing)); return; }
  const bar = element("div", "bar");
  bar.append(element("h2", "", item.id), button(words.previous, -1), button(words.next, 1));
  detail.replaceChildren(bar, ...media(item));
  if (item.transcript) detail.append(field(words.transcript, item.transcript, "said"));
  if (item.facts && item.facts.length) {
    const facts = element("details");
    facts.open = true;
    facts.append(element("summary", "", words.facts), ...item.facts.map(([key, value]) => field(key, value)));
    detail.append(facts);
  }
  detail.append(...data.stages.map((_, n) => stage(item, n)));
}
