/** The text of a gazetteer's file as it came: gzip or not, and UTF-8 or refused. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { FileRefused } from './entry.ts'

const unpack = promisify(gunzip)

/**
 * @param mostBytes of the text: what is small on the way may be large here, and all of it is held in memory
 * @throws FileRefused when it is larger, damaged, or no UTF-8
 */
export async function textOfFile(bytes: Uint8Array, mostBytes: number): Promise<string> {
  const most = `${Math.round(mostBytes / 1_048_576)} MB`
  let plain = bytes
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      plain = await unpack(bytes, { maxOutputLength: mostBytes })
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
        throw new FileRefused(`Unpacked the file is larger than ${most}.`)
      throw new FileRefused('The file is damaged: it cannot be unpacked.')
    }
  }
  if (plain.length > mostBytes) throw new FileRefused(`The file is larger than ${most}.`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch {
    throw new FileRefused('The file is not UTF-8 text. Save it as “CSV UTF-8”, or as GeoJSON.')
  }
}
