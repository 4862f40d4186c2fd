import { testEveryPage } from './every-page-fits'
import { PHONE } from './visitor'

testEveryPage('on a phone, in German, by day', { viewport: PHONE, locale: 'de', colorScheme: 'light' })
