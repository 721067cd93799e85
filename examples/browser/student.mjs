// The exported student and the gate before it, in onnxruntime-web.  Sound is 16 kHz mono float32 everywhere.
import * as ort from "./ort/ort.wasm.bundle.min.mjs";

export const RATE = 16000;
export const DIMENSIONS = ["arousal", "dominance", "valence"];
const LEAST = 1600;
const WINDOW = 512;
const CONTEXT = 64;
const SPEECH = 0.5;
const LEAST_SPEECH = 0.1; // share of windows
const LEAST_DB = -60;

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = { wasm: new URL("./ort/ort-wasm-simd-threaded.wasm", import.meta.url).href };

export class Student {
  static async load() {
    const options = { executionProviders: ["wasm"] };
    const [facts, network, voice] = await Promise.all([
      fetch("./student/student.json").then((reply) => reply.json()),
      ort.InferenceSession.create("./student/model.onnx", options),
      ort.InferenceSession.create("./student/voice_activity.onnx", options),
    ]);
    return Object.assign(new Student(), { facts, network, voice });
  }

  // The bare network: [arousal, dominance, valence]; NaN for a dimension that was not trained.
  async values(samples) {
    const signal = new ort.Tensor("float32", samples, [1, samples.length]);
    const { logits } = await this.network.run({ signal });
    return Array.from(logits.data);
  }

  // {values} or {reason}: normalisation inside the network would lift silence up to a voice, so a gate stands before it.
  async read(samples) {
    if (samples.length < LEAST) return { reason: "short" };
    if (level(samples) < LEAST_DB) return { reason: "silence" };
    if ((await this.speech(samples)) < LEAST_SPEECH) return { reason: "novoice" };
    return { values: await this.values(samples) };
  }

  // The share of 32 ms windows that hold speech; the recurrent state runs through all of them in one call.
  async speech(samples) {
    const count = Math.ceil(samples.length / WINDOW);
    const padded = new Float32Array(CONTEXT + count * WINDOW);
    padded.set(samples, CONTEXT);
    const rows = new Float32Array(count * (CONTEXT + WINDOW));
    for (let row = 0; row < count; row++) {
      rows.set(padded.subarray(row * WINDOW, row * WINDOW + CONTEXT + WINDOW), row * (CONTEXT + WINDOW));
    }
    const zeros = () => new ort.Tensor("float32", new Float32Array(128), [1, 1, 128]);
    const input = new ort.Tensor("float32", rows, [count, CONTEXT + WINDOW]);
    const result = await this.voice.run({ input, h: zeros(), c: zeros() });
    const chances = result[this.voice.outputNames[0]].data;
    return chances.filter((chance) => chance >= SPEECH).length / count;
  }
}

// RMS in dBFS, the mean removed.
export function level(samples) {
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const power = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples.length;
  return 10 * Math.log10(Math.max(power, 1e-12));
}

// A file's bytes → 16 kHz mono; the browser decodes and resamples, channels are averaged.
export async function decode(bytes) {
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  const mixed = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    sound.getChannelData(channel).forEach((value, place) => { mixed[place] += value / sound.numberOfChannels; });
  }
  return mixed;
}
