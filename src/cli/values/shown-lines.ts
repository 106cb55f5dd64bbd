/** Lines of files and addresses that `info` shows without `--all`. */
export const SHOWN_LINES = {
  /** About a window's height. */
  onTerminal: 50,
  /** For a pipe or a file, which may be searched. */
  elsewhere: 10_000,
}
