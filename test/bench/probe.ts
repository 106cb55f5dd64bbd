// Loaded before a program on Node.js (`NODE_OPTIONS=--import`): writes what that process took, and for how long its
// event loop stood still at the most, to the file that TORRENT_BENCH_PROBE names. Loading modules is no part of the
// program's work: ours are loaded here, before the watch begins.
import { closeSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const TICK_MS = 2
const SRC = new URL('../../src/', import.meta.url)

async function loadProgram(): Promise<void> {
  const commands = readdirSync(new URL('cli/', SRC), { recursive: true, encoding: 'utf8' })
  const files = ['index.js', ...commands.map(file => `cli/${file}`)].filter(file => file.endsWith('.js'))
  for (const file of files) await import(new URL(file, SRC).href)
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
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const figures = {
      wallMs: performance.now(),
      userMs: userCPUTime / 1000,
      systemMs: systemCPUTime / 1000,
      peakBytes: maxRSS * 1024,
      longestBlockMs,
    }
    writeFileSync(result, JSON.stringify(figures))
  })
}

const { TORRENT_BENCH_PROBE } = process.env
if (isMainThread && TORRENT_BENCH_PROBE !== undefined) await watch(TORRENT_BENCH_PROBE)
