import { testFaultTable } from './support/fault-table-tests'

testFaultTable('our own transaction with PIPELINING and CHUNKING', {
  transport: 'pipelined',
  sink: { isPipelining: true, extensions: ['CHUNKING', 'SIZE', 'ENHANCEDSTATUSCODES'] },
})
