import { testEveryPage } from './every-page-fits'
import { DESKTOP } from './visitor'

testEveryPage('on a desktop, in English, by night', { viewport: DESKTOP, locale: 'en', colorScheme: 'dark' })
