// Loaded before a program on Node.js (`NODE_OPTIONS=--import`). Writes what that process took to the file that
// TORRENT_BENCH_SAMPLE names, and for how long its event loop stood still at the most to that of TORRENT_BENCH_BLOCKS.
import { closeSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const TICK_MS = 2
const BUNDLE = new URL('../../../bundle/', import.meta.url)

/** Loading modules is no part of our program's work: it is done before the watch begins. A worker's entry does nothing in this thread. */
async function loadProgram(): Promise<void> {
  for (const file of readdirSync(BUNDLE).filter(file => file.endsWith('.cjs')))
    await import(new URL(file, BUNDLE).href)
}

/**
 * Milliseconds for which this thread was ready to run and had no CPU, since it began: others of the machine had it. Linux
 * knows; elsewhere it is always 0.
 */
function waitingForCpu(): () => number {
  if (process.platform !== 'linux') return () => 0
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
  process.on('exit', () => closeSync(file))
  const buffer = Buffer.alloc(128)
  return () => {
    const length = readSync(file, buffer, 0, buffer.length, 0)
    const [, nanoseconds] = buffer.toString('latin1', 0, length).split(' ')
    return Number(nanoseconds) / 1e6
  }
}

async function watch(result: string): Promise<void> {
  await loadProgram()
  const waited = waitingForCpu()
  let longestBlockMs = 0
  let lastAt = performance.now()
  let lastWaited = waited()
  const look = () => {
    const now = performance.now()
    const nowWaited = waited()
    longestBlockMs = Math.max(longestBlockMs, now - lastAt - (nowWaited - lastWaited) - TICK_MS)
    lastAt = now
    lastWaited = nowWaited
  }
  setInterval(look, TICK_MS).unref()
  process.on('exit', () => writeFileSync(result, JSON.stringify({ longestBlockMs })))
}

function writeSample(result: string): void {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const sample = {
    wallMs: performance.now(),
    userMs: userCPUTime / 1000,
    systemMs: systemCPUTime / 1000,
    peakBytes: maxRSS * 1024,
  }
  writeFileSync(result, JSON.stringify(sample))
}

const { TORRENT_BENCH_SAMPLE, TORRENT_BENCH_BLOCKS } = process.env
if (isMainThread) {
  if (TORRENT_BENCH_SAMPLE !== undefined) process.on('exit', () => writeSample(TORRENT_BENCH_SAMPLE))
  if (TORRENT_BENCH_BLOCKS !== undefined) await watch(TORRENT_BENCH_BLOCKS)
}
