import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { startBin } from '../cli/run-bin.js'

export interface PeakRun {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
  /** The most memory that was resident, in bytes; 0 where the system does not say. */
  readonly peak: number
}

const EVERY_MS = 10

/** Runs the real program to its end, through pipes, and follows how much memory it takes. */
export async function runWithPeak(args: readonly string[]): Promise<PeakRun> {
  const child = startBin(args)
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid))
  }, EVERY_MS)
  const chunks: Buffer[] = []
  let stderr = ''
  child.stdin?.end()
  child.stdout?.on('data', chunk => {
    chunks.push(chunk)
    peak = Math.max(peak, peakOf(child.pid))
  })
  child.stderr?.on('data', chunk => {
    stderr += chunk
  })
  await once(child, 'close')
  clearInterval(timer)
  return { status: child.exitCode, stdout: Buffer.concat(chunks), stderr, peak }
}

/** The kernel keeps the highest value itself. */
function peakOf(pid: number | undefined): number {
  try {
    const [, kib = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kib) * 1024
  } catch {
    return 0
  }
}
