/** Lines of files and addresses that `info` shows without `--all`. */
export const SHOWN_LINES = {
  /** What a window shows at a glance. */
  onTerminal: 50,
  /** What a pipe or a file gets, which may be searched. */
  elsewhere: 10_000,
}
