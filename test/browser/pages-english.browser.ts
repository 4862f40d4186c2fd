import { ALL_LOOKS, testEveryPage } from './every-page-fits'

testEveryPage('in English', 'en', ALL_LOOKS)
