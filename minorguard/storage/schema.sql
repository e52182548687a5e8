-- A MinorGuard state file. `application_id` is "MGst"; `user_version` is the schema's version.
BEGIN IMMEDIATE;

CREATE TABLE state (
  key     TEXT    NOT NULL PRIMARY KEY,  -- compared as bytes of UTF-8
  version INTEGER NOT NULL CHECK (typeof(version) = 'integer' AND version > 0),
  blob    BLOB    NOT NULL CHECK (typeof(blob) = 'blob')
);

CREATE TABLE upkeep (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  checks INTEGER NOT NULL,  -- goes up with every check that the file can be written
  erased INTEGER NOT NULL   -- keys deleted since the file was last rewritten
);
INSERT INTO upkeep VALUES (1, 0, 0);

PRAGMA application_id = 0x4D477374;
PRAGMA user_version = 1;

COMMIT;
