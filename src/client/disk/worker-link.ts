import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { DiskError } from './disk-error.js'
import { CHUNK_LENGTH, type StorageLayout, type StorageOptions } from './layout.js'
import {
  type ErrorFacts,
  EXIT,
  type TaskResult,
  type WorkerAnswer,
  type WorkerBatch,
  type WorkerNotice,
  type WorkerRequest,
  type WorkerStart,
  type WorkerTask,
} from './messages.js'
import { packLayout } from './packed-layout.js'
import { takeThread } from './threads.js'

/** What a worker has to be told of a storage before the first work on it. */
export interface StorageSource {
  readonly id: number
  readonly layout: StorageLayout
  readonly options: StorageOptions
}

/** Answers that concern a storage, and no call of its own. */
export type StorageAnswer = Exclude<WorkerAnswer, { type: 'result' | 'call-failed' }>

interface PendingCall {
  resolve(result: TaskResult): void
  reject(error: DiskError): void
}

/** What a call that is waited for counts, as if it were a chunk to write. */
const CALL_LOAD = CHUNK_LENGTH

/**
 * One worker thread, started with the first work for it. Requests of one turn leave as one message, and so come
 * the answers to it.
 */
export class WorkerLink {
  readonly #start: WorkerStart
  readonly #onAnswers: (answers: readonly StorageAnswer[]) => void
  readonly #known = new Set<number>()
  readonly #calls = new Map<number, PendingCall>()
  #worker: Worker | undefined
  #queue: WorkerRequest[] = []
  #waitingBytes = 0
  #lastCall = 0

  constructor(start: WorkerStart, onAnswers: (answers: readonly StorageAnswer[]) => void) {
    this.#start = start
    this.#onAnswers = onAnswers
  }

  /** Whether this worker has had any work of a storage. */
  knows(source: StorageSource): boolean {
    return this.#known.has(source.id)
  }

  /** What it was given and has not done yet, in bytes to write or to read. */
  get load(): number {
    return this.#waitingBytes + this.#calls.size * CALL_LOAD
  }

  post(source: StorageSource, request: WorkerNotice): void {
    this.#introduce(source)
    if (request.type === 'write' || request.type === 'read') this.#waitingBytes += request.size
    this.#enqueue(request)
  }

  /** Gives a worker something to do and waits for the result, which has to be of the type expected. */
  call<Type extends TaskResult['type']>(
    source: StorageSource,
    task: WorkerTask,
    expected: Type,
  ): Promise<Extract<TaskResult, { type: Type }>> {
    this.#introduce(source)
    const call = ++this.#lastCall
    this.#enqueue({ ...task, call })
    return new Promise((resolve, reject) => {
      this.#calls.set(call, {
        resolve: result => {
          if (isOfType(result, expected)) resolve(result)
          else reject(new TypeError(`expected ${expected}, got ${result.type}`))
        },
        reject,
      })
    })
  }

  /** Forgets a storage, with its `close`: the next request introduces it anew. */
  forget(source: StorageSource): void {
    this.#known.delete(source.id)
  }

  /** Lets the worker finish what it was given, and end. */
  async close(): Promise<void> {
    this.#flush()
    const worker = this.#worker
    if (worker === undefined) return
    this.#worker = undefined
    const exit = once(worker, 'exit')
    const batch: WorkerBatch = EXIT
    worker.postMessage(batch)
    await exit
    for (const pending of this.#calls.values()) {
      pending.reject(new DiskError('closed', 'The disk pool was closed', { path: '' }))
    }
    this.#calls.clear()
  }

  #introduce(source: StorageSource): void {
    if (this.#known.has(source.id)) return
    this.#known.add(source.id)
    const { id, layout, options } = source
    this.#enqueue({ type: 'open', storage: id, layout: packLayout(layout), options })
  }

  #enqueue(request: WorkerRequest): void {
    // After the sockets of this turn have been read, so that what they gave goes together.
    if (this.#queue.length === 0) setImmediate(() => this.#flush())
    this.#queue.push(request)
  }

  #flush(): void {
    if (this.#queue.length === 0) return
    const batch: WorkerBatch = this.#queue
    this.#queue = []
    this.#started().postMessage(batch)
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = takeThread()
    worker.postMessage(this.#start)
    worker.on('message', (answers: readonly WorkerAnswer[]) => this.#receive(answers))
    this.#worker = worker
    return worker
  }

  #receive(answers: readonly WorkerAnswer[]): void {
    const storageAnswers: StorageAnswer[] = []
    for (const answer of answers) {
      if (answer.type === 'result') this.#settle(answer.call)?.resolve(answer.result)
      else if (answer.type === 'call-failed') this.#settle(answer.call)?.reject(fromFacts(answer.error))
      else {
        if (answer.type === 'written' || answer.type === 'read') this.#waitingBytes -= answer.size
        storageAnswers.push(answer)
      }
    }
    this.#onAnswers(storageAnswers)
  }

  #settle(call: number): PendingCall | undefined {
    const pending = this.#calls.get(call)
    this.#calls.delete(call)
    return pending
  }
}

function isOfType<Type extends TaskResult['type']>(
  result: TaskResult,
  type: Type,
): result is Extract<TaskResult, { type: Type }> {
  return result.type === type
}

/** The error that a worker had, for those who wait on the main thread. */
export function fromFacts(facts: ErrorFacts): DiskError {
  return new DiskError(facts.code, facts.message, { path: facts.path })
}
