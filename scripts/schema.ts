// Keeps the schema that the migrations make now as a fixture, for both databases. What a release has stays as it is;
// test/database/releases.test.ts says what is promised about it.

import { migrate } from "../src/db/migrate.ts";
import { openDatabase } from "../src/db/open.ts";
import { writeFixture } from "../test/support/fixtures.ts";
import { createDatabase, startPostgres } from "../test/support/postgres.ts";
import { dumpSchema } from "../test/support/schema-dump.ts";

await using server = new AsyncDisposableStack();
const postgres = server.adopt(await startPostgres(), ({ stop }) => stop());
const { url } = await createDatabase(postgres.url);
for (const database of ["file::memory:", url]) {
  const { db, dialect, close } = await openDatabase(database);
  await migrate(db, { dialect, now: 0 });
  await writeFixture(dialect, await dumpSchema(db, dialect));
  await close();
}
