import { openStaff } from '../consent/staff'
import type { ApiContext } from './context'

/** The name of somebody of staff; null without an id, or where nobody has it. */
export async function staffName({ loaders, keyring }: ApiContext, id: number | null): Promise<string | null> {
  const staff = id === null ? undefined : await loaders.staff.load(id)
  return staff ? openStaff(keyring, staff).name : null
}
