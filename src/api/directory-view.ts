import { In } from 'typeorm'
import type { DirectoryLink } from '../entities/directory-link'
import { Processor } from '../entities/processor'
import type { ApiContext } from './context'
import type { DirectoryLinkView } from './directory.types'
import { processorViews } from './processor-view'

/** Links of the directory as they are shown. */
export async function directoryLinkViews(
  context: ApiContext,
  links: readonly DirectoryLink[],
): Promise<DirectoryLinkView[]> {
  const ids = [...new Set(links.flatMap(({ processorId }) => processorId ?? []))]
  const processors = ids.length > 0 ? await context.db.manager.findBy(Processor, { id: In(ids) }) : []
  const views = processors.length > 0 ? await processorViews(context, processors) : []
  return links.map(row => {
    const { publicId, title, url, description, category, status, checkedAt, processorId } = row
    const processor = views.find(one => one.processorId === processorId) ?? null
    const facts = { title, url, description, category, status, processor }
    return { ...facts, id: publicId, lastCheckedAt: checkedAt, row }
  })
}

export async function directoryLinkView(
  context: ApiContext,
  link: DirectoryLink,
): Promise<DirectoryLinkView> {
  const [view] = await directoryLinkViews(context, [link])
  if (!view) throw new Error('A link without a view')
  return view
}
