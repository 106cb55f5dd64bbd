import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RequestLine } from '../../../../src/client/disk/links/request-line.js'
import { SlowDisks } from '../../../../src/client/disk/links/slow-disks.js'
import { StorageLinks } from '../../../../src/client/disk/links/storage-links.js'
import { WorkMark } from '../../../../src/client/disk/links/work-mark.js'
import type { WorkerRequest } from '../../../../src/client/disk/messages.js'

const BUSY = 2 ** 22

describe('the mark of a worker', () => {
  it('tells in whose request it has been for long, once that was seen before', () => {
    const ours = new WorkMark()
    const workers = new WorkMark(ours.memory)
    workers.begin(7)
    assert.equal(ours.stuckWith(1_000), undefined)
    assert.equal(ours.stuckWith(1_100), undefined)
    assert.equal(ours.stuckWith(1_101), 7)
    workers.begin(7)
    assert.equal(ours.stuckWith(1_200), undefined)
    workers.end()
    assert.equal(ours.stuckWith(9_000), undefined)
  })
})

describe('slow disks', () => {
  it('are known for some seconds by the first worker that was stuck with them', () => {
    const stuck: (number | undefined)[] = [undefined, undefined]
    const disks = new SlowDisks(stuck.map((_, worker) => ({ stuckWith: () => stuck[worker] })))
    disks.look(0)
    assert.equal(disks.workerOf(7), undefined)
    stuck[1] = 7
    disks.look(1_000)
    stuck[0] = 7
    stuck[1] = undefined
    disks.look(2_000)
    assert.equal(disks.workerOf(7), 1)
    assert.deepEqual([disks.isHeldUp(0), disks.isHeldUp(1)], [false, true])
    stuck[0] = undefined
    disks.look(7_000)
    assert.equal(disks.workerOf(7), 1)
    disks.look(7_001)
    assert.equal(disks.workerOf(7), undefined)
    assert.ok(!disks.isHeldUp(1))
  })
})

describe('the worker of a storage', () => {
  const OURS = 1
  const OTHER = 2
  const THIRD = 3

  /** The worker chosen for our storage among two workers and two spare ones, given their loads and which storages they are stuck with. */
  function chosen(loads: number[], stuck: (number | undefined)[]) {
    const links = loads.map((load, worker) => ({ load, stuckWith: () => stuck[worker] }))
    const workers = { links, count: 2, slowDisks: new SlowDisks(links) }
    const ours = new StorageLinks(workers as never, { id: OURS } as never)
    return [ours.leastBusy(), ...ours.inOrder()] as const
  }

  for (const [what, loads, stuck, first, free, kept] of [
    ['the first that is not busy', [0, 0, 0, 0], [], 0, [0, 1], []],
    ['the next where the first is busy', [BUSY, 0, 0, 0], [], 1, [1, 0], []],
    ['the least busy where all are', [2 * BUSY, BUSY, 0, 0], [], 1, [1, 0], []],
    ['none that waits for the disk of another', [0, BUSY, 0, 0], [OTHER], 1, [1], [0]],
    ['a spare one where all others wait', [0, 0, 0, 0], [OTHER, THIRD], 2, [2], [0, 1]],
    ['the one that waits for its own disk', [0, BUSY, 0, 0], [undefined, OURS], 1, [1], [0]],
  ] as const) {
    it(`is ${what}`, () => assert.deepEqual(chosen([...loads], [...stuck]), [first, [...free], [...kept]]))
  }

  it('is some worker even where all wait for the disks of others', () => {
    assert.equal(chosen([0, 0, 0, 0], [2, 3, 4, 5])[0], 0)
  })
})

describe('the line of requests', () => {
  const write = (storage: number, piece: number): WorkerRequest => ({
    type: 'write',
    storage,
    attempt: 1,
    piece,
    parts: [],
    size: 10,
  })
  const workOf = (request: WorkerRequest) => ('size' in request ? request.size : 0)
  const names = (requests: readonly WorkerRequest[]) =>
    requests.map(request => `${request.storage}${'piece' in request ? request.piece : request.type}`)

  function lineOf(...requests: WorkerRequest[]): RequestLine {
    const line = new RequestLine()
    for (const request of requests) line.push(request)
    return line
  }

  it('gives storages turns, each in its order', () => {
    const line = lineOf(write(1, 0), write(1, 1), write(1, 2), write(2, 0), write(2, 1))
    const taken = line.take(Number.POSITIVE_INFINITY, workOf, () => false)
    assert.deepEqual(names(taken), ['10', '20', '11', '21', '12'])
    assert.ok(line.isEmpty)
  })

  it('gives no more than is wanted, and goes on where it was', () => {
    const line = lineOf(write(1, 0), write(1, 1), write(2, 0), write(2, 1))
    assert.deepEqual(names(line.take(25, workOf, () => false)), ['10', '20', '11'])
    assert.deepEqual(
      line.take(0, workOf, () => false),
      [],
    )
    assert.deepEqual(names(line.take(25, workOf, () => false)), ['21'])
  })

  it('lets those with slow disks wait until there is nothing of the others', () => {
    const line = lineOf(write(1, 0), write(1, 1), write(2, 0), write(2, 1))
    assert.deepEqual(names(line.take(100, workOf, storage => storage === 1)), ['20', '21', '10', '11'])
  })

  it('sends what is no work along with what is', () => {
    const forget = { type: 'forget', storage: 1, attempt: 1 } as const
    const line = lineOf(forget, write(1, 0), forget, write(2, 0))
    assert.deepEqual(names(line.take(20, workOf, () => false)), ['1forget', '10', '20'])
    assert.deepEqual(names(line.take(20, workOf, () => false)), ['1forget'])
  })
})
