import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeDigests } from '../../../src/client/digests.js'
import { Child } from '../../support/child.js'
import { EventLog } from '../../support/event-log.js'
import { buildMetainfo, planContent } from '../../support/in-one-go.js'
import { BIN } from '../../support/project.js'
import type { Bench } from '../bench.js'
import type { BenchCase, Curve } from '../bench-case.js'
import { residentBytes } from '../measuring/measure.js'
import { RunError } from '../measuring/run-error.js'

const COUNTS = [1, 100, 1_000, 10_000]
const SHORT_COUNTS = [1, 20]

/** Of the one file in each torrent: two pieces. */
const FILE_LENGTH = 2 ** 15
const PIECE_LENGTH = 2 ** 14

const READY_WITHIN_MS = 10 * 60_000
const STOP_WITHIN_MS = 2 * 60_000
/** After that long nothing of the start is left. */
const IDLE_MS = 10_000
const SHORT_IDLE_MS = 200

const AIM_KB_EACH = 30
const AIM_READY_S = 15

/** One process that seeds many torrents, started anew after it was stopped. */
export const TORRENTS: BenchCase = {
  name: 'torrents',
  title: 'one process seeds many torrents, v1: from a restart until all are ready, and its memory when idle',
  needs: [],
  async run(bench): Promise<Curve> {
    const counts = bench.options.isShort ? SHORT_COUNTS : COUNTS
    const most = Math.max(...counts)
    const { files, data, state } = await writeTorrents(bench, most)
    const runs: { count: number; readyS: number; bytes: number }[] = []
    for (const count of counts) {
      const own = files.slice(0, count)
      // The first start verifies the data; the second is the one that counts.
      await seedUntilReady(own, data, state, 0)
      const { readyMs, bytes } = await seedUntilReady(
        own,
        data,
        state,
        bench.options.isShort ? SHORT_IDLE_MS : IDLE_MS,
      )
      runs.push({ count, readyS: readyMs / 1000, bytes })
      bench.log(
        `torrents: ${count} ready after ${(readyMs / 1000).toFixed(2)} s, ${(bytes / 1e6).toFixed(1)} MB`,
      )
    }
    await rm(data, { recursive: true })
    const [first, last] = [runs[0], runs.at(-1)]
    const each = (run: { count: number; bytes: number }) =>
      run.count > 1 ? (run.bytes - (first?.bytes ?? 0)) / (run.count - 1) / 1000 : Number.NaN
    return {
      type: 'curve',
      columns: ['torrents', 'ready s', 'memory MB', 'KB each'],
      rows: runs.map(run => [
        run.count,
        Number(run.readyS.toFixed(2)),
        Number((run.bytes / 1e6).toFixed(1)),
        run.count > 1 ? Number(each(run).toFixed(1)) : '',
      ]),
      verdicts:
        last === undefined
          ? []
          : [
              {
                figure: `memory of each of ${last.count} idle torrents`,
                value: each(last),
                unit: 'KB',
                bound: 'at most',
                aim: AIM_KB_EACH,
              },
              {
                figure: `${last.count} torrents ready after a restart`,
                value: last.readyS,
                unit: 's',
                bound: 'at most',
                aim: AIM_READY_S,
              },
            ],
    }
  },
}

async function writeTorrents(
  { folder }: Bench,
  count: number,
): Promise<{ files: readonly string[]; data: string; state: string }> {
  const data = folder.join('many')
  await mkdir(data, { recursive: true })
  const files: string[] = []
  const bytes = new Uint8Array(FILE_LENGTH)
  for (let i = 0; i < count; i++) {
    const name = `t${i}`
    bytes.fill(i & 255)
    // No two are the same.
    new DataView(bytes.buffer).setUint32(0, i)
    const file = { type: 'file', path: [name], length: FILE_LENGTH, isExecutable: false } as const
    const plan = planContent({
      name,
      isFolder: false,
      version: 'v1',
      pieceLength: PIECE_LENGTH,
      files: [file],
    })
    const pieces = Buffer.concat(
      [0, PIECE_LENGTH].map(at => nodeDigests.sha1(bytes.subarray(at, at + PIECE_LENGTH))),
    )
    await writeFile(join(data, name), bytes)
    await writeFile(
      join(data, `${name}.torrent`),
      buildMetainfo(
        plan,
        { pieces: new Uint8Array(pieces) },
        { trackers: [], webSeeds: [], nodes: [] },
        nodeDigests,
      ),
    )
    files.push(`${name}.torrent`)
  }
  return { files, data, state: folder.join('many-state') }
}

/** Without `--json`, which would write a line a second for each torrent. */
async function seedUntilReady(
  files: readonly string[],
  data: string,
  state: string,
  idleMs: number,
): Promise<{ readyMs: number; bytes: number }> {
  const lines = new EventLog<number>()
  let ready = 0
  const start = performance.now()
  await using program = new Child(
    [process.execPath, BIN, 'seed', ...files, '--no-tracker', '-p', '0', '--bind', '127.0.0.1'],
    {
      cwd: data,
      env: { XDG_STATE_HOME: state },
      onErrorLine: line => {
        if (line.includes(': seeding on port')) lines.push(++ready)
      },
    },
  )
  const end = () => lines.end(new RunError('failed', program.explain('torrent ended early')))
  program.exited.then(end, end)
  await lines.waitFor('all torrents', count => count === files.length, { withinMs: READY_WITHIN_MS })
  const readyMs = performance.now() - start
  await sleep(idleMs)
  const bytes = await residentBytes(program.pid)
  program.signal('SIGINT')
  await program.exit(STOP_WITHIN_MS)
  return { readyMs, bytes }
}
