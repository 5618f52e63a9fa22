// ONNX Runtime behind the protocol of bench_serve.c: node ort_serve.js FOLDER THREADS, where FOLDER holds clip.onnx,
// head.onnx and node_modules.
const folder = process.argv[2], threads = Number(process.argv[3]);
const ort = require(`${folder}/node_modules/onnxruntime-node`);
const shapes = { clip: [3, 224, 224], head: [60, 512] };
const sessions = {};

async function open(what) {
  return ort.InferenceSession.create(`${folder}/${what}.onnx`, {
    intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all',
  });
}

async function serve(line) {
  const [what, n, seconds] = line.split(' ').map((x, i) => (i ? Number(x) : x));
  const dims = [n, ...shapes[what]];
  const s = (sessions[what] ??= await open(what));
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => Math.random() - 0.5);
  const x = new ort.Tensor('float32', data, dims);
  await s.run({ x });
  const start = performance.now(), cpu = process.cpuUsage();
  let items = 0;
  do {
    await s.run({ x });
    items += n;
  } while (performance.now() < start + 1000 * seconds);
  const used = process.cpuUsage(cpu);
  console.log(items, (performance.now() - start) / 1e3, (used.user + used.system) / 1e6);
}

(async () => {
  for await (const line of require('readline').createInterface({ input: process.stdin })) await serve(line);
})();
