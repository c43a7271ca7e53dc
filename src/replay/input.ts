/** Files that the person at the keyboard names, and what is said when something is wrong with one. */

/** What the person at the keyboard can put right: a flag, a file, a row. */
export class ReplayInputError extends Error {
  override name = 'ReplayInputError'
}

/**
 * The text of a file, gzip or not.
 * @param flag the flag that named the file, for the messages
 * @throws ReplayInputError naming the flag
 */
export async function readText(path: string, flag: string): Promise<string> {
  const bytes = await Bun.file(path)
    .bytes()
    .catch(() => {
      throw new ReplayInputError(`${flag}: ${path} cannot be read`)
    })
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  try {
    return new TextDecoder().decode(isGzip ? Bun.gunzipSync(bytes) : bytes)
  } catch (cause) {
    throw new ReplayInputError(`${flag}: ${path} is not a whole gzip file`, { cause })
  }
}
