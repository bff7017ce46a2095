-- The binding that this database was first used by: src/durable/history-marks.ts. A single row. Databases that
-- change places in wrangler.toml are told by it, and nobody's history is looked for in another's.
CREATE TABLE database_mark (
  only_row INTEGER PRIMARY KEY NOT NULL CHECK (only_row = 1),
  binding TEXT NOT NULL
) STRICT;
