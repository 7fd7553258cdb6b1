ALTER TABLE agents ADD COLUMN IF NOT EXISTS owner text;
COMMENT ON COLUMN agents.owner IS 'Who.';
DO $$ BEGIN ASSERT (
  SELECT atttypid = 'text'::regtype FROM pg_attribute WHERE attrelid = 'agents'::regclass AND attname = 'owner'); END $$;

ALTER TABLE agents ADD COLUMN owner text NOT NULL DEFAULT '';

CREATE TABLE tags (agent uuid REFERENCES agents, tag text, score integer CHECK (score > 0));
CREATE INDEX ON tags (agent);
INSERT INTO tags SELECT NULL, n FROM generate_series(1, 1000) n;
UPDATE tags SET score = 1;

OUTSIDE DROP INDEX CONCURRENTLY IF EXISTS agents_x_idx;
CREATE INDEX CONCURRENTLY agents_x_idx ON agents (description);
COMMENT ON INDEX agents_x_idx IS 'q';

OUTSIDE REINDEX INDEX CONCURRENTLY things_code_idx;

ALTER TABLE agents DROP CONSTRAINT IF EXISTS c;
ALTER TABLE agents ADD CONSTRAINT c CHECK (name <> '') NOT VALID;

ALTER TABLE things VALIDATE CONSTRAINT things_fine_check;

ALTER TABLE things ALTER COLUMN kept SET NOT NULL;
ALTER TABLE things DROP CONSTRAINT things_kept_is_not_null;

ALTER TABLE things ADD CONSTRAINT things_fine_key UNIQUE USING INDEX things_fine_key;

ALTER TABLE agent_usage ADD FOREIGN KEY (workflow_id) REFERENCES agents NOT VALID;

ALTER TABLE coordination_events ADD COLUMN agent uuid REFERENCES agents;

ALTER TABLE task_states DROP CONSTRAINT task_states_workflow_id_fkey;

CREATE TRIGGER t BEFORE INSERT ON agents FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

ALTER TABLE agents ALTER COLUMN name SET DEFAULT 'x', ALTER COLUMN description SET STATISTICS 500;

ALTER TABLE things ALTER COLUMN code TYPE text;

ALTER TABLE agents SET (fillfactor = 60);

OUTSIDE CALL fill_in_batches();

UPDATE agents SET category = 'b' WHERE agent_id = 'a1';
INSERT INTO workflow_states (workflow_id, status) SELECT 'new' || n, 'running' FROM generate_series(1, 1000) n;

OUTSIDE ALTER TABLE readings DETACH PARTITION readings_2026 CONCURRENTLY;

ALTER TABLE readings ATTACH PARTITION readings_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');

CREATE VIEW names AS SELECT name FROM agents;
GRANT SELECT ON names TO public;

ALTER TYPE mood ADD VALUE IF NOT EXISTS 'merry';

ANALYZE agents;

DO $$ BEGIN ASSERT (SELECT count(*) FROM agents) > 0, 'empty'; END $$;
