import { SingleBar } from 'cli-progress'

/** As the API tells it. */
export interface Progress {
  total: number
  queued: number
  sending: number
  sent: number
  failed: number
  unknown: number
  cancelled: number
  skipped: { reason: string; count: number }[]
  pauseReason: string | null
  pauseDetail: string | null
}

export interface ProgressView {
  show(progress: Progress): void
  end(): void
}

/** A bar on a terminal; in a file or pipe a line for every tenth. */
export const createProgressView = (): ProgressView => (process.stdout.isTTY ? bar() : lines())

export const skippedCount = (progress: Progress): number =>
  progress.skipped.reduce((sum, one) => sum + one.count, 0)

const settledCount = (progress: Progress): number =>
  progress.sent + progress.failed + progress.unknown + progress.cancelled + skippedCount(progress)

function bar(): ProgressView {
  const drawn = new SingleBar({
    format: '  {bar} {value}/{total}   sent {sent}   skipped {skipped}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 32,
    hideCursor: true,
    stream: process.stdout,
  })
  let isDrawn = false
  return {
    show(progress) {
      if (progress.total === 0) return
      const values = { sent: progress.sent, skipped: skippedCount(progress) }
      if (!isDrawn) drawn.start(progress.total, 0, values)
      isDrawn = true
      drawn.setTotal(progress.total)
      drawn.update(settledCount(progress), values)
    },
    end() {
      if (isDrawn) drawn.stop()
    },
  }
}

function lines(): ProgressView {
  let shownTenth = -1
  return {
    show(progress) {
      if (progress.total === 0) return
      const tenth = Math.floor((settledCount(progress) / progress.total) * 10)
      if (tenth === shownTenth) return
      shownTenth = tenth
      const settled = String(settledCount(progress)).padStart(String(progress.total).length)
      console.log(
        `  ${settled}/${progress.total}   sent ${progress.sent}   skipped ${skippedCount(progress)}`,
      )
    },
    end() {},
  }
}
