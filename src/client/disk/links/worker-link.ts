import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { DiskError } from '../disk-error.js'
import type { FileLedger } from '../file-ledger.js'
import { CHUNK_LENGTH, type StorageLayout, type StorageOptions } from '../layout.js'
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
} from '../messages.js'
import { packLayout } from '../packed-layout.js'
import type { PartsFile } from '../part-extents.js'
import { takeThread } from '../threads.js'
import { RequestLine } from './request-line.js'
import { WorkMark } from './work-mark.js'

/** The description of a storage that a worker gets before its first work on it. */
export interface StorageSource {
  readonly id: number
  readonly layout: StorageLayout
  readonly options: StorageOptions
  readonly ledger: FileLedger
  /** Undefined where all bytes lie in the files that they belong to. */
  readonly parts: PartsFile | undefined
}

/** Answers that concern a storage, and no call of its own. */
export type StorageAnswer = Exclude<WorkerAnswer, { type: 'result' | 'call-failed' }>

interface PendingCall {
  resolve(result: TaskResult): void
  reject(error: DiskError): void
}

/** The load of a call, which counts like a chunk to write. */
const CALL_LOAD = CHUNK_LENGTH

/** Bytes that a worker of several storages gets ahead of its answers. The rest waits here, where storages can take turns. */
const AHEAD_BYTES = 2 ** 22

/** One worker thread, started with the first work for it. Requests of one turn leave as one message. */
export class WorkerLink {
  readonly #start: WorkerStart
  readonly #mark = new WorkMark()
  readonly #onAnswers: (answers: readonly StorageAnswer[]) => void
  readonly #isSlow: (storage: number) => boolean
  readonly #known = new Set<number>()
  readonly #calls = new Map<number, PendingCall>()
  #worker: Worker | undefined
  readonly #line = new RequestLine()
  #isFlushPlanned = false
  /** Of what it was given. */
  #unansweredBytes = 0
  #waitingBytes = 0
  #lastCall = 0

  /** @param isSlow storages whose disk is slow: the others go first */
  constructor(
    start: Omit<WorkerStart, 'mark'>,
    onAnswers: (answers: readonly StorageAnswer[]) => void,
    isSlow: (storage: number) => boolean,
  ) {
    this.#isSlow = isSlow
    this.#start = { ...start, mark: this.#mark.memory }
    this.#onAnswers = onAnswers
  }

  /** True if this worker has had any work of a storage. */
  knows(source: StorageSource): boolean {
    return this.#known.has(source.id)
  }

  /** The work it was given and has not done yet, in bytes to write or to read. */
  get load(): number {
    return this.#waitingBytes + this.#calls.size * CALL_LOAD
  }

  /** The storage in whose request it is stuck, if it had the same request at an earlier call. */
  stuckWith(now: number): number | undefined {
    return this.#mark.stuckWith(now)
  }

  post(source: StorageSource, request: WorkerNotice): void {
    this.#introduce(source)
    this.#waitingBytes += sizeOf(request)
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
    this.#flush(Number.POSITIVE_INFINITY)
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
    const { id, layout, options, parts } = source
    this.#enqueue({
      type: 'open',
      storage: id,
      layout: packLayout(layout),
      options,
      ledger: source.ledger.memory,
      parts: parts && { path: parts.path, extents: parts.extents.packed },
    })
  }

  #enqueue(request: WorkerRequest): void {
    // After the sockets of this turn have been read, so that what they gave goes together.
    if (!this.#isFlushPlanned) setImmediate(() => this.#flush(this.#ahead))
    this.#isFlushPlanned = true
    this.#line.push(request)
  }

  get #ahead(): number {
    return this.#known.size > 1 ? AHEAD_BYTES : Number.POSITIVE_INFINITY
  }

  #flush(ahead: number): void {
    this.#isFlushPlanned = false
    if (this.#line.isEmpty) return
    const batch: WorkerBatch = this.#line.take(ahead - this.#unansweredBytes, workOf, this.#isSlow)
    if (batch.length === 0) return
    for (const request of batch) this.#unansweredBytes += workOf(request)
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
      this.#unansweredBytes -= workIn(answer)
      if (answer.type === 'result') this.#settle(answer.call)?.resolve(answer.result)
      else if (answer.type === 'call-failed') this.#settle(answer.call)?.reject(fromFacts(answer.error))
      else {
        if (answer.type === 'written' || answer.type === 'read') this.#waitingBytes -= answer.size
        storageAnswers.push(answer)
      }
    }
    this.#onAnswers(storageAnswers)
    if (!this.#isFlushPlanned) this.#flush(this.#ahead)
  }

  #settle(call: number): PendingCall | undefined {
    const pending = this.#calls.get(call)
    this.#calls.delete(call)
    return pending
  }
}

/** Bytes to write or to read. */
function sizeOf(request: WorkerRequest): number {
  return request.type === 'write' || request.type === 'read' ? request.size : 0
}

/** The load of a request until it is answered; 0 for those that are not answered. */
function workOf(request: WorkerRequest): number {
  return 'call' in request ? CALL_LOAD : sizeOf(request)
}

/** The load of the request that is answered. */
function workIn(answer: WorkerAnswer): number {
  if (answer.type === 'written' || answer.type === 'read') return answer.size
  return answer.type === 'result' || answer.type === 'call-failed' ? CALL_LOAD : 0
}

function isOfType<Type extends TaskResult['type']>(
  result: TaskResult,
  type: Type,
): result is Extract<TaskResult, { type: Type }> {
  return result.type === type
}

/** Restores a worker's error on the main thread. */
export function fromFacts(facts: ErrorFacts): DiskError {
  return new DiskError(facts.code, facts.message, { path: facts.path })
}
