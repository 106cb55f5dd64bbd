import { Worker } from 'node:worker_threads'

let ahead: Worker | undefined

/** Starts a thread before there is work for it, which takes about as long as to load the rest of the program. */
export function startAhead(): void {
  ahead ??= start()
  // Where no work comes it keeps nobody waiting.
  ahead.unref()
}

/** A thread that waits for its first message: a `WorkerStart`. */
export function takeThread(): Worker {
  const thread = ahead ?? start()
  ahead = undefined
  thread.ref()
  return thread
}

function start(): Worker {
  // Nobody listens for `error`: a worker that throws is a defect, and ends the program like any other.
  return new Worker(new URL('./worker/main.js', import.meta.url), { name: 'torrent disk' })
}
