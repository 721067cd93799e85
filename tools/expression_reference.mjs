// Runs the expression net of @vladmandic/face-api with the package's own code (TensorFlow.js, CPU) on raw images.
// Usage: node expression_reference.mjs PACKAGE_FOLDER IMAGES   (IMAGES: n x 112 x 112 x 3 bytes)
// Prints one JSON line: the n x 7 probabilities.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

const [folder, images] = process.argv.slice(2);
const source = fs.readFileSync(path.join(folder, 'dist', 'face-api.js'), 'utf8');
// The bundle wants a browser or its own Node package; without `process` it takes the plain path, enough for the CPU.
const api = vm.runInThisContext(`(function(process) { ${source}\nreturn faceapi; })`)(undefined);
const tf = api.tf;
tf.env().setPlatform('plain', {
  now: () => performance.now(),
  isTypedArray: (a) => ArrayBuffer.isView(a) && !(a instanceof DataView),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
});
await tf.setBackend('cpu');
await tf.ready();
class None {}
api.env.setEnv({ Canvas: None, CanvasRenderingContext2D: None, Image: None, ImageData: None, Video: None });
const model = path.join(folder, 'model');
const manifest = JSON.parse(fs.readFileSync(path.join(model, 'face_expression_model-weights_manifest.json'), 'utf8'));
const bin = fs.readFileSync(path.join(model, 'face_expression_model.bin'));
const data = bin.buffer.slice(bin.byteOffset, bin.byteOffset + bin.length);
const map = tf.io.decodeWeights(data, manifest.flatMap((group) => group.weights));
const net = new api.FaceExpressionNet();
net.loadFromWeightMap(map);
const raw = fs.readFileSync(images);
const size = 112 * 112 * 3;
const rows = [];
for (let at = 0; at < raw.length; at += size) {
  const image = tf.tensor3d(Uint8Array.from(raw.subarray(at, at + size)), [112, 112, 3], 'int32');
  rows.push(Array.from((await net.forward(image)).dataSync()));
}
console.log(JSON.stringify(rows));
