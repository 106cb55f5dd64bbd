import type { CommandContext } from '../command-context.js'
import { addOptions } from '../options/add-options.js'
import type { Output } from '../output/output.js'
import type { Begin, Command } from '../program.js'
import type { Services, Tracker, TrackerOptions } from '../services.js'

type TrackerServices = Pick<Services, 'listenTracker'>

const HELP = `
Anyone may announce any torrent. Open its address in a browser to see what it
tracks.

Examples:
  torrent tracker
  torrent tracker -p 8080 --bind 192.0.2.1 --interval 10m`

export function defineTracker(command: Command, begin: Begin, services: TrackerServices): void {
  addOptions(command, 'tracker')
    .description('Runs a tracker, which introduces peers of a torrent to each other.')
    .addHelpText('after', HELP)
    .action(async ({ port, bind, interval: intervalSeconds }) => {
      await runTracker({ port, bind, intervalSeconds }, await begin(), services)
    })
}

async function runTracker(
  options: TrackerOptions,
  context: CommandContext,
  services: TrackerServices,
): Promise<void> {
  using stop = context.stopOnSignals()
  await using tracker = await services.listenTracker(options)
  tellTracker(tracker, context.output)
  await aborted(stop.signal)
}

/** Says where to announce to: what was asked for, of `torrent tracker`. */
function tellTracker({ port, urls }: Tracker, output: Output): void {
  output.event({ type: 'listening', port, urls })
  output.result(urls.join('\n'))
  const [first] = urls
  if (first !== undefined) output.note(`${new URL('/', first)} shows what it tracks; Ctrl-C stops`)
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
