import { TRANSLATED, testEveryPage } from './every-page-fits'

testEveryPage('in German', 'de', TRANSLATED)
