import { testEveryPage } from './every-page-fits'

testEveryPage('in German', 'de')
