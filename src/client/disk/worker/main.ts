// A thread of the disk pool: it hashes, writes and reads what the main thread tells it to, one after the other.

import { parentPort } from 'node:worker_threads'
import { DiskError } from '../disk-error.js'
import { FileLedger } from '../file-ledger.js'
import { WorkMark } from '../links/work-mark.js'
import {
  type ErrorFacts,
  EXIT,
  type WorkerAnswer,
  type WorkerBatch,
  type WorkerRequest,
  type WorkerStart,
} from '../messages.js'
import { unpackLayout } from '../packed-layout.js'
import { PartExtents } from '../part-extents.js'
import type { ScanAnswer, ScanRequest } from '../scan-messages.js'
import { Descriptors } from './descriptors.js'
import { OpenFiles } from './open-files.js'
import { StorageWorker } from './storage-worker.js'

/** Answers are collected for at most this long before they are sent together. */
const TELL_MS = 20

let receiveMemory: Uint8Array = new Uint8Array(0)
let readMemory: Uint8Array = new Uint8Array(0)
let descriptors = new Descriptors(0)
let mark = new WorkMark()
const storages = new Map<number, StorageWorker>()

parentPort?.on('message', (batch: WorkerStart | ScanRequest | WorkerBatch) => {
  if (batch === EXIT) {
    descriptors.closeAll()
    parentPort?.close()
    return
  }
  if ('receiveBuffer' in batch) {
    receiveMemory = new Uint8Array(batch.receiveBuffer)
    readMemory = new Uint8Array(batch.readBuffer)
    descriptors = new Descriptors(batch.descriptors)
    mark = new WorkMark(batch.mark)
    return
  }
  if ('scan' in batch) {
    void answerScan(batch)
    return
  }
  let answers: WorkerAnswer[] = []
  let toldAt = performance.now()
  for (const request of batch) {
    mark.begin(request.storage)
    handle(request, answers)
    // Finished requests need not wait for one that takes long.
    if (performance.now() - toldAt < TELL_MS) continue
    if (answers.length > 0) parentPort?.postMessage(answers)
    answers = []
    toldAt = performance.now()
  }
  mark.end()
  if (answers.length > 0) parentPort?.postMessage(answers)
})

function handle(request: WorkerRequest, answers: WorkerAnswer[]): void {
  const { storage } = request
  if (request.type === 'open') {
    const layout = unpackLayout(request.layout)
    const ledger = new FileLedger(request.ledger)
    const onCloseFailed = (error: DiskError) => tellCloseFailed(storage, error)
    const { parts: told } = request
    const parts = told && { path: told.path, extents: new PartExtents(told.extents) }
    const context = { descriptors, ledger, parts, onCloseFailed }
    storages.set(storage, new StorageWorker(new OpenFiles(storage, layout, request.options, context)))
    return
  }
  const worker = storages.get(storage)
  if (worker === undefined) throw new Error(`storage ${storage} is not open`)
  switch (request.type) {
    case 'write': {
      const { attempt, piece, size } = request
      try {
        const received = worker.write(request, receiveMemory)
        if (received !== undefined) answers.push({ type: 'hashed', storage, attempt, piece, ...received })
      } catch (thrown) {
        answers.push({ type: 'write-failed', storage, attempt, piece, error: factsOf(thrown) })
      }
      answers.push({ type: 'written', storage, parts: request.parts.map(({ at }) => at), size })
      break
    }
    case 'read': {
      let error: ErrorFacts | undefined
      try {
        worker.read(request, readMemory)
      } catch (thrown) {
        error = factsOf(thrown)
      }
      answers.push({ type: 'read', storage, segment: request.segment, size: request.size, error })
      break
    }
    case 'forget':
      worker.forget(request.attempt)
      break
    case 'stop-hash':
      worker.stopHash(request.hash)
      break
    default:
      if (request.type === 'close') storages.delete(storage)
      try {
        answers.push({ type: 'result', call: request.call, result: worker.perform(request) })
      } catch (thrown) {
        answers.push({ type: 'call-failed', call: request.call, error: factsOf(thrown) })
      }
  }
}

function tellCloseFailed(storage: number, error: DiskError): void {
  const answers: WorkerAnswer[] = [{ type: 'close-failed', storage, error: factsOf(error) }]
  parentPort?.postMessage(answers)
}

async function answerScan({ scan: { path, options } }: ScanRequest): Promise<void> {
  const tell = (answer: ScanAnswer) => parentPort?.postMessage(answer)
  // Loaded only here: most threads never scan.
  const { scan } = await import('./scan.js')
  try {
    scan(path, options, tell)
  } catch (thrown) {
    tell({ type: 'scan-failed', error: factsOf(thrown) })
  }
}

/** An error as a message can carry it; what is no fault of the disk is a defect, and ends the thread. */
function factsOf(thrown: unknown): ErrorFacts {
  if (!(thrown instanceof DiskError)) throw thrown
  return { code: thrown.code, message: thrown.message, path: thrown.facts.path }
}
