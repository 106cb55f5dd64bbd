/** The lines that `get` and `seed` write with `--json`. Sizes are bytes, rates bytes per second, hashes hexadecimal. */
export type ProgramEvent = { readonly time: string } & (
  | {
      readonly type: 'added'
      readonly name: string
      readonly infoHashV1?: string
      readonly infoHashV2?: string
      readonly size: number
      readonly pieceLength: number
      readonly pieceCount: number
    }
  | { readonly type: 'checking' }
  | {
      readonly type: 'progress'
      readonly done: number
      readonly total: number
      /** Pieces. */
      readonly verified: number
      readonly down: number
      readonly up: number
      readonly downloaded: number
      readonly uploaded: number
      readonly peers: number
    }
  | { readonly type: 'complete'; readonly path: string; readonly seconds: number; readonly sha256?: string }
  | { readonly type: 'seeding'; readonly port: number }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string }
  | {
      readonly type: 'stopped'
      readonly reason: string
      readonly downloaded: number
      readonly uploaded: number
    }
)

export type EventType = ProgramEvent['type']
export type EventOf<Type extends EventType> = Extract<ProgramEvent, { type: Type }>

/** Reads a line of `--json` output; lines of other commands and later kinds of events give undefined. */
export function parseEvent(line: string): ProgramEvent | undefined {
  const value: unknown = JSON.parse(line)
  return isEvent(value) ? value : undefined
}

export function isType<Type extends EventType>(type: Type): (event: ProgramEvent) => event is EventOf<Type> {
  return (event): event is EventOf<Type> => event.type === type
}

const NUMBERS: Readonly<Record<EventType, readonly string[]>> = {
  added: ['size', 'pieceLength', 'pieceCount'],
  checking: [],
  progress: ['done', 'total', 'verified', 'down', 'up', 'downloaded', 'uploaded', 'peers'],
  complete: ['seconds'],
  seeding: ['port'],
  warning: [],
  error: [],
  stopped: ['downloaded', 'uploaded'],
}

function isEvent(value: unknown): value is ProgramEvent {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  const type = fields.get('type')
  const numbers = Object.entries(NUMBERS).find(([known]) => known === type)?.[1]
  if (numbers === undefined) return false
  for (const name of ['time', ...numbers]) {
    const expected = name === 'time' ? 'string' : 'number'
    if (typeof fields.get(name) !== expected) throw new Error(`no ${name} in ${JSON.stringify(value)}`)
  }
  return true
}
