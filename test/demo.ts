// `npm run demo`: a real file is published, seeded and downloaded twice, by processes of the real program.
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { counted } from '../src/cli/view/text.js'
import { run } from './support/child.js'
import { sha256OfFile } from './support/content.js'
import { infoOf } from './support/info.js'
import { OFFLINE } from './support/offline.js'
import { freePort } from './support/ports.js'
import { bar, megabytes, Screen, seconds } from './support/screen.js'
import { TempFolder } from './support/temp-folder.js'
import { mustRun, type TorrentProcess, torrent } from './support/torrent.js'

const LOCAL = ['--json', '-p', '0', '--bind', '127.0.0.1']
const WITHIN = { withinMs: 60_000 }
/** Every machine that runs this has it, and it is large enough to be a real download. */
const FILE = process.execPath

Object.assign(process.env, OFFLINE)

const screen = new Screen(process.stdout)

function say(who: string, what: string): void {
  screen.line(`  ${who.padEnd(8)} ${what}`)
}

/** Shows a download until it is complete; returns where the file lies. */
async function watch(who: string, leecher: TorrentProcess): Promise<string> {
  const started = performance.now()
  let isComplete = false
  const redraw = () => {
    const progress = leecher.last('progress')
    const done = progress?.done ?? 0
    const part = progress === undefined || progress.total === 0 ? 0 : done / progress.total
    screen.live(
      `  ${who.padEnd(8)} ${bar(part)}  ${megabytes(done)} · ${counted(progress?.peers ?? 0, 'peer')}`,
    )
  }
  const timer = setInterval(() => isComplete || redraw(), 100)
  try {
    const { path } = await leecher.waitFor('complete', undefined, WITHIN)
    isComplete = true
    const took = performance.now() - started
    const { size } = await stat(path)
    say(who, `${bar(1)}  ${megabytes(size)} · complete and verified after ${seconds(took)}`)
    return path
  } finally {
    clearInterval(timer)
  }
}

/** The sum as `sha256sum` prints it, by that very program where there is one. */
async function sha256sum(path: string): Promise<string> {
  const finished = await run(['sha256sum', path]).catch(() => undefined)
  return finished?.code === 0 ? finished.stdout.slice(0, 64) : await sha256OfFile(path)
}

async function compare(published: string, downloads: readonly string[]): Promise<boolean> {
  const wanted = await sha256sum(published)
  screen.line()
  screen.line(`  SHA-256 of ${published} and of what was downloaded:`)
  screen.line(`  ${wanted}`)
  let isSame = true
  for (const path of downloads) {
    const sum = await sha256sum(path)
    isSame &&= sum === wanted
    screen.line(`  ${sum} ${sum === wanted ? '✔ the same' : '✘ differs'}`)
  }
  return isSame
}

async function demo(): Promise<boolean> {
  const started = performance.now()
  const { size } = await stat(FILE)
  screen.line()
  screen.line(`  ${FILE} (${megabytes(size)}) goes to two others, over real sockets on this machine.`)
  screen.line()

  await using folder = new TempFolder()
  const metainfo = folder.join(`${basename(FILE)}.torrent`)
  const trackerPort = await freePort()
  const announce = `http://127.0.0.1:${trackerPort}/announce`
  await mustRun(['make', FILE, '-o', metainfo, '-t', announce])
  const { pieceCount, pieceLength, infoHashV1 } = await infoOf(metainfo)
  say('make', `${basename(metainfo)}: ${pieceCount} pieces of ${pieceLength / 1024} KiB, ${infoHashV1}`)

  await using seeder = torrent([
    ...['seed', metainfo, '-d', dirname(FILE), ...LOCAL, '--with-tracker', `${trackerPort}`],
  ])
  await seeder.waitFor('seeding', undefined, WITHIN)
  say('seeder', `is here, and runs the tracker ${announce}`)

  await using ada = torrent(['get', metainfo, '-d', folder.join('ada'), ...LOCAL])
  say('ada', 'asks the tracker who has it')
  const adasFile = await watch('ada', ada)
  const { port } = await ada.waitFor('seeding', undefined, WITHIN)

  const { code } = await seeder.stop()
  if (code !== 0) throw new Error(seeder.child.explain(`the seeder ended with ${code}`))
  say('seeder', 'has left, and its tracker with it: now ada alone has the file')

  await using ben = torrent([
    ...['get', metainfo, '-d', folder.join('ben'), ...LOCAL, '--no-tracker', '--peer', `127.0.0.1:${port}`],
  ])
  say('ben', "comes with ada's address")
  const bensFile = await watch('ben', ben)

  const isSame = await compare(FILE, [adasFile, bensFile])
  await ada.stop()
  await ben.stop()
  screen.line()
  const took = seconds(performance.now() - started)
  screen.line(
    isSame ? `  Both have it to the last bit. It took ${took}.` : `  That went wrong, after ${took}.`,
  )
  screen.line()
  return isSame
}

try {
  process.exitCode = (await demo()) ? 0 : 1
} catch (error) {
  screen.line()
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
