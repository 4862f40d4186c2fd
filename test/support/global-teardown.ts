export default async function teardown(): Promise<void> {
  await (globalThis as { stopDatabases?: () => Promise<void> }).stopDatabases?.()
}
