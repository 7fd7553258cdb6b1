-- What revision cefe07c5f938 made of the later form's agents.
UPDATE alembic_version SET version_num = 'cefe07c5f938';
ALTER TABLE agents DROP COLUMN embedding;
ALTER TABLE agents ADD COLUMN embedding vector(384);
CREATE INDEX idx_agents_embedding_hnsw ON agents USING hnsw (embedding vector_cosine_ops);
INSERT INTO schema_version (version, description) VALUES (2, 'usage and dependencies');
