// Runs the graphs of a folder in ONNX Runtime, for onnx.py: `node onnx_run.js DIR SIZES`, SIZES the JSON line of
// tests/unit/onnx_run. Prints, a line each, graph, batch and the largest difference from the floats that stand beside.
// NODE_PATH says where onnxruntime-node is.
const fs = require('fs')
const path = require('path')
const ort = require('onnxruntime-node')

const [dir, text] = process.argv.slice(2)
const sizes = JSON.parse(text)

function floats(name) {
  const bytes = fs.readFileSync(path.join(dir, name + '.f32'))
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
}

async function check(graph, input, output) {
  const session = await ort.InferenceSession.create(path.join(dir, graph + '.onnx'))
  const x = floats(input), want = floats(output)
  const per = a => a.reduce((p, q) => p * q, 1)
  const n = x.length / per(sizes[input]), out = per(sizes[output])
  for (const batch of [1, n]) {
    let worst = 0
    for (let first = 0; first < n; first += batch) {
      const part = x.slice(first * per(sizes[input]), (first + batch) * per(sizes[input]))
      const result = await session.run({ [input]: new ort.Tensor('float32', part, [batch, ...sizes[input]]) })
      const got = result[output]
      if (got.dims.join() !== [batch, ...sizes[output]].join()) throw new Error(`${graph}: sizes ${got.dims}`)
      got.data.forEach((y, i) => {
        const apart = Math.abs(y - want[first * out + i])
        if (!(apart <= worst)) worst = apart
      })
    }
    console.log(graph, batch, worst)
  }
}

async function main() {
  if (sizes.encoder) await check('encoder', 'pixels', 'embedding')
  if (sizes.head) await check('head', 'windows', 'probabilities')
}

main().catch(e => { console.error(e.message); process.exit(1) })
