import { Worker } from 'node:worker_threads'

/** Of the 48 that a thread would have by itself. */
const YOUNG_GENERATION_MB = 12

let ahead: Worker | undefined

/** Starts a thread before there is work for it, which takes about as long as to load the rest of the program. */
export function startAhead(): void {
  ahead ??= start()
  // An unused thread does not keep the process running.
  ahead.unref()
}

/** A thread that waits for a `WorkerStart`, or for a `ScanRequest`. */
export function takeThread(): Worker {
  const thread = ahead ?? start()
  ahead = undefined
  thread.ref()
  return thread
}

/** Keeps a thread for the next pool that needs one. It has had no `WorkerStart` yet. */
export function giveBack(thread: Worker): void {
  thread.removeAllListeners('message')
  if (ahead === undefined) {
    ahead = thread
    thread.unref()
  } else void thread.terminate()
}

function start(): Worker {
  // `error` has no listener: a worker that throws is a bug, and ends the program like any other.
  return new Worker(new URL('./worker/main.js', import.meta.url), {
    name: 'torrent disk',
    // A thread does not inherit that this one maps its stack traces to the sources.
    ...(process.sourceMapsEnabled && { execArgv: ['--enable-source-maps'] }),
    // Objects of a finished task are never needed again, so a small young generation suffices.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  })
}
