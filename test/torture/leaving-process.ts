// The process in which readers leave: started by leavers.ts.
import { type DoorName, type Leaver, leave } from './doors'

process.on('message', ({ n, door, leaver }: { n: number; door: DoorName; leaver: Leaver }) => {
  void leave(door, leaver).then(answer => process.send?.({ n, ...answer }))
})
