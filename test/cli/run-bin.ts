import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface BinResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the real executable with the given arguments, in an environment that says nothing about colours and logs. */
function startBin(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const { FORCE_COLOR: _, NO_COLOR: __, DEBUG: ___, ...rest } = process.env
  return spawn(process.execPath, [binPath(), ...args], { env: { ...rest, ...env } })
}

/** Runs the real executable to its end. */
export async function runBin(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<BinResult> {
  const child = startBin(args, env)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', chunk => {
    stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    stderr += chunk
  })
  child.stdin?.end()
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { status, stdout, stderr }
}

export function binPath(): string {
  return fileURLToPath(new URL('../../../bin/torrent.js', import.meta.url))
}
