import { printPublicSchema, printStaffSchema } from '../api/schema'
import { Problem } from './problem'

/** Prints one schema as SDL; needs no configuration and starts nothing. */
export async function schemaPrintCommand(options: { public?: boolean; staff?: boolean }): Promise<void> {
  if (Boolean(options.public) === Boolean(options.staff)) throw new Problem('Say --public or --staff.')
  const sdl = await (options.staff ? printStaffSchema() : printPublicSchema())
  process.stdout.write(sdl.endsWith('\n') ? sdl : `${sdl}\n`)
}
