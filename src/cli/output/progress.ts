import type { ProgressRow, ProgressView, ViewOptions } from '../view/progress-view.js'
import type { Output } from './output.js'

/** Shows progress on standard error where it is wanted, and has all lines of `output` printed around it. */
export async function openProgress(output: Output): Promise<ProgressView> {
  if (!output.isTalkative) return new NoProgress()
  const view = await openProgressView({
    stream: output.options.stderr,
    lines: output.errorLines,
    paint: output.notePaint,
    isLogging: Boolean(output.options.env.DEBUG),
  })
  return new DivertedProgress(view, output)
}

class DivertedProgress implements ProgressView {
  readonly #view: ProgressView
  readonly #release: () => void

  constructor(view: ProgressView, output: Output) {
    this.#view = view
    this.#release = output.divert(line => view.print(line))
  }

  add(row: ProgressRow): void {
    this.#view.add(row)
  }

  remove(row: ProgressRow): void {
    this.#view.remove(row)
  }

  print(line: string): void {
    this.#view.print(line)
  }

  [Symbol.dispose](): void {
    this.#release()
    this.#view[Symbol.dispose]()
  }
}

/** Bars where `stream` is a terminal that can be drawn on, plain lines elsewhere. */
export async function openProgressView(options: ViewOptions): Promise<ProgressView> {
  const canDraw = options.stream.isTTY === true && process.env.TERM !== 'dumb' && options.isLogging !== true
  if (!canDraw)
    return new (await import('../view/plain-view.js')).PlainView({ stream: options.lines ?? options.stream })
  return new (await import('../view/bars-view.js')).BarsView(options)
}

/** With `--quiet` and `--json`. */
class NoProgress implements ProgressView {
  add(): void {}
  remove(): void {}
  print(): void {}
  [Symbol.dispose](): void {}
}
