import cliProgress from 'cli-progress'
import { formatRate } from '../values/units.js'
import { FrameTerminal } from './frame-terminal.js'
import type { Paint } from './palette.js'
import { progressLine } from './progress-line.js'
import type { ProgressRow, ProgressSnapshot, ProgressView, ViewOptions } from './progress-view.js'

const FRAMES_PER_SECOND = 5
const LONGEST_BAR = 100

/** From so many rows on it is looked only so often which are to be seen. */
const MANY_ROWS = 200
const CHOICE_MS = 500

/** cli-progress takes a terminal, but its types do not know. */
type MultiBarOptions = cliProgress.Options & { terminal: FrameTerminal }

/** One line of the screen; which row stands there is chosen for each frame. */
interface Slot {
  readonly bar: cliProgress.SingleBar
  row: ProgressRow | undefined
}

/** Bars that are drawn in place, by cli-progress: never more than fit in the window, busy ones first. */
export class BarsView implements ProgressView {
  readonly #stream: NodeJS.WriteStream
  readonly #paint: Paint
  readonly #terminal: FrameTerminal
  readonly #multibar: cliProgress.MultiBar
  readonly #rows = new Set<ProgressRow>()
  readonly #slots: Slot[] = []
  /** The line about the rows that did not fit. */
  #rest = ''
  #chooseAt = 0
  readonly #onResize = (): void => this.#arrange()
  // Whoever leaves by `process.exit` must not leave a terminal without a cursor.
  readonly #onExit = (): void => this.#terminal.restore()

  constructor({ stream, paint }: ViewOptions) {
    this.#stream = stream
    this.#paint = paint
    this.#terminal = new FrameTerminal(stream)
    const [complete, incomplete] = barCharacters(process.env)
    const options: MultiBarOptions = {
      terminal: this.#terminal,
      stream,
      fps: FRAMES_PER_SECOND,
      barsize: LONGEST_BAR,
      barCompleteChar: complete,
      barIncompleteChar: incomplete,
      hideCursor: true,
      clearOnComplete: true,
      forceRedraw: true,
      emptyOnZero: false,
      gracefulExit: false,
    }
    this.#multibar = new cliProgress.MultiBar(options)
    this.#multibar.on('update-pre', () => this.#choose())
    this.#multibar.on('update-post', () => {
      this.#terminal.clearBottom()
      this.#terminal.flush()
    })
    stream.on('resize', this.#onResize)
    process.on('exit', this.#onExit)
  }

  add(row: ProgressRow): void {
    this.#rows.add(row)
    this.#arrange()
  }

  remove(row: ProgressRow): void {
    if (this.#rows.delete(row)) this.#arrange()
  }

  print(line: string): void {
    if (this.#slots.length === 0) {
      this.#stream.write(`${line}\n`)
      return
    }
    this.#multibar.log(`${line}\n`)
    // Drawn at once: what is printed just before the end would be lost otherwise.
    this.#multibar.update()
  }

  [Symbol.dispose](): void {
    this.#stream.off('resize', this.#onResize)
    process.off('exit', this.#onExit)
    if (this.#multibar.isActive) this.#multibar.stop()
    this.#terminal.flush()
  }

  /** Opens as many bars as there are rows, or as fit. */
  #arrange(): void {
    const fitting = Math.max(1, this.#terminal.rows - 2)
    const wanted = Math.min(this.#rows.size, fitting)
    // cli-progress draws after each bar that it removes, with bars that do not fit any more.
    this.#terminal.isHeld = true
    while (this.#slots.length > wanted) {
      const slot = this.#slots.pop()
      if (slot !== undefined) this.#multibar.remove(slot.bar)
    }
    while (this.#slots.length < wanted) this.#slots.push(this.#openSlot())
    this.#terminal.isHeld = false
    if (this.#multibar.isActive) this.#multibar.update()
  }

  #openSlot(): Slot {
    const slot: Slot = {
      row: undefined,
      bar: this.#multibar.create(0, 0, undefined, {
        format: (options, { progress }) => this.#line(slot.row, options, progress),
      }),
    }
    return slot
  }

  /** Gives each bar its row: all of them, or the busiest, with the last bar for what is not shown. */
  #choose(): void {
    const now = performance.now()
    const isSettled = this.#slots.every(
      ({ row }, index) => row !== undefined || index === this.#slots.length - 1,
    )
    if (!isSettled || this.#rows.size <= MANY_ROWS || now >= this.#chooseAt) {
      this.#chooseAt = now + CHOICE_MS
      const { shown, rest } = mostBusy(this.#rows, this.#slots.length)
      for (const [index, slot] of this.#slots.entries()) slot.row = shown[index]
      this.#rest = rest
    }
    for (const slot of this.#slots) {
      if (slot.row === undefined) continue
      const { done, total } = slot.row.snapshot()
      slot.bar.setTotal(total)
      slot.bar.update(done)
    }
  }

  #line(row: ProgressRow | undefined, options: cliProgress.Options, progress: number): string {
    // The last column stays free: a terminal would wrap there.
    const columns = this.#terminal.columns - 1
    if (row === undefined) return this.#paint('dim', this.#rest.slice(0, columns))
    return progressLine(row, columns, this.#paint, barsize =>
      cliProgress.Format.BarFormat(progress, { ...options, barsize }),
    )
  }
}

/**
 * The rows for so many lines: all of them, or the busiest and `rest`, a line about the others. Rows that are not
 * complete come first, then those that upload; equal ones keep their order.
 */
function mostBusy(rows: ReadonlySet<ProgressRow>, lines: number): { shown: ProgressRow[]; rest: string } {
  if (rows.size <= lines) return { shown: [...rows], rest: '' }
  const groups: { row: ProgressRow; snapshot: ProgressSnapshot }[][] = [[], [], [], []]
  const total = { down: 0, up: 0 }
  for (const row of rows) {
    const snapshot = row.snapshot()
    groups[calmness(snapshot)]?.push({ row, snapshot })
    total.down += snapshot.down ?? 0
    total.up += snapshot.up ?? 0
  }
  const shown = groups.flat().slice(0, lines - 1)
  for (const { snapshot } of shown) {
    total.down -= snapshot.down ?? 0
    total.up -= snapshot.up ?? 0
  }
  const rates = `↓ ${formatRate(total.down)}  ↑ ${formatRate(total.up)}`
  return { shown: shown.map(({ row }) => row), rest: `… and ${rows.size - shown.length} more  ${rates}` }
}

function calmness({ isSeeding, up, down }: ProgressSnapshot): number {
  if (!isSeeding) return (down ?? 0) > 0 ? 0 : 1
  return (up ?? 0) > 0 ? 2 : 3
}

/** The consoles of Linux and of old Windows have no block characters. */
function barCharacters(env: NodeJS.ProcessEnv): [complete: string, incomplete: string] {
  const isModern =
    process.platform === 'win32'
      ? env.WT_SESSION !== undefined || env.TERM_PROGRAM !== undefined
      : env.TERM !== 'linux'
  return isModern ? ['█', '░'] : ['=', '-']
}
