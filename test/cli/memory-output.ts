import { PassThrough } from 'node:stream'
import { Output, type OutputOptions } from '../../src/cli/output/output.js'
import { parseEvent } from '../support/events.js'

/** Large enough that nothing waits for its reader. */
const ROOM = 2 ** 26

/** An `Output` whose streams end in memory. */
export class MemoryOutput {
  readonly output: Output
  readonly #stdout = new PassThrough({ highWaterMark: ROOM })
  readonly #stderr = new PassThrough({ highWaterMark: ROOM })

  constructor(options: Partial<OutputOptions> = {}) {
    this.output = new Output({
      stdout: this.#stdout as unknown as NodeJS.WriteStream,
      stderr: this.#stderr as unknown as NodeJS.WriteStream,
      env: {},
      json: false,
      quiet: false,
      color: true,
      ...options,
    })
  }

  /** All that was written so far, once. */
  get stdout(): string {
    return readAll(this.#stdout)
  }

  get stderr(): string {
    return readAll(this.#stderr)
  }

  /** The objects of `--json` so far, without their times. Throws where one is not as the schema says. */
  get events(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const { time, ...event } = parseEvent(line)
        if (!(Math.abs(Date.parse(time) - Date.now()) < 60_000)) throw new Error(`no time: ${line}`)
        return event
      })
  }

  breakPipe(which: 'stdout' | 'stderr'): void {
    const stream = which === 'stdout' ? this.#stdout : this.#stderr
    stream.emit('error', Object.assign(new Error('broken pipe'), { code: 'EPIPE' }))
  }
}

/** What waits in a stream: newer versions of Node.js hand it out chunk by chunk. */
function readAll(stream: PassThrough): string {
  let text = ''
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk
  return text
}
