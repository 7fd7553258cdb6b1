-- Corrections and deletions, of many agents at once, beside the inserts.
UPDATE agent_usage SET status = 'failed', response_time_ms = 1
WHERE id IN (SELECT id FROM agent_usage TABLESAMPLE SYSTEM (0.1) LIMIT 50);
DELETE FROM agent_usage WHERE id IN (SELECT id FROM agent_usage TABLESAMPLE SYSTEM (0.1) LIMIT 50);
