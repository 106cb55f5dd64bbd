import type { TorrentEvent } from '../../../src/client/task/torrent-events.js'
import type { TorrentTask } from '../../../src/client/task/torrent-task.js'

/** Writes down the events of a torrent, and lets a test wait for one. */
export class Watch {
  readonly events: TorrentEvent[] = []
  #waiting: (() => void)[] = []

  constructor(task: TorrentTask) {
    task.onEvent(event => {
      this.events.push(event)
      for (const resolve of this.#waiting.splice(0)) resolve()
    })
  }

  get types(): string[] {
    return this.events.map(({ type }) => type)
  }

  /** The first event of a type; an error ends the wait for anything else. */
  async until<Type extends TorrentEvent['type']>(type: Type): Promise<Extract<TorrentEvent, { type: Type }>> {
    for (;;) {
      for (const event of this.events) {
        if (isOfType(event, type)) return event
        if (event.type === 'error') throw event.error
      }
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }
}

function isOfType<Type extends TorrentEvent['type']>(
  event: TorrentEvent,
  type: Type,
): event is Extract<TorrentEvent, { type: Type }> {
  return event.type === type
}

/** The sockets, servers, timers and threads that keep the process running, by kind. */
export function handles(): string[] {
  const kinds = /TCP|UDP|Timeout|MessagePort|Worker|FSReq/
  return process
    .getActiveResourcesInfo()
    .filter(kind => kinds.test(kind))
    .sort()
}

/** Waits for `count` turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve))
}
