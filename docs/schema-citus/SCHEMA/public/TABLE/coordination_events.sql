CREATE TABLE public.coordination_events (
	event_id text NOT NULL,
	event_type text NOT NULL,
	workflow_id text NOT NULL,
	task_id text,
	"timestamp" timestamp with time zone NOT NULL,
	agent_id text,
	agent_type text,
	source_agent jsonb,
	target_agent jsonb,
	status text,
	duration_ms double precision,
	error jsonb,
	metadata jsonb,
	context jsonb,
	performance jsonb
);

COMMENT ON TABLE public.coordination_events IS 'What happened between agents, appended by the tracker.';

COMMENT ON COLUMN public.coordination_events.event_id IS 'Identifier that the tracker gave the event.';

COMMENT ON COLUMN public.coordination_events.event_type IS 'What kind of event it is.';

COMMENT ON COLUMN public.coordination_events.workflow_id IS 'The workflow in which it happened; no foreign key, as events outlive workflows.';

COMMENT ON COLUMN public.coordination_events.task_id IS 'The task in which it happened, if any.';

COMMENT ON COLUMN public.coordination_events."timestamp" IS 'When it happened, by the tracker''s clock.';

COMMENT ON COLUMN public.coordination_events.agent_id IS 'agents.agent_id; no foreign key, as events outlive agents.';

COMMENT ON COLUMN public.coordination_events.agent_type IS 'agents.agent_type of that agent.';

COMMENT ON COLUMN public.coordination_events.source_agent IS 'The agent that caused it.';

COMMENT ON COLUMN public.coordination_events.target_agent IS 'The agent that it was meant for.';

COMMENT ON COLUMN public.coordination_events.status IS 'How it stood, in the tracker''s words.';

COMMENT ON COLUMN public.coordination_events.duration_ms IS 'Milliseconds; null for an event without duration.';

COMMENT ON COLUMN public.coordination_events.error IS 'What went wrong; null where nothing did.';

COMMENT ON COLUMN public.coordination_events.metadata IS 'Anything else about the event.';

COMMENT ON COLUMN public.coordination_events.context IS 'What surrounded it.';

COMMENT ON COLUMN public.coordination_events.performance IS 'Measurements that belong to it.';

--------------------------------------------------------------------------------

CREATE INDEX idx_agent_id ON public.coordination_events USING btree (agent_id, "timestamp" DESC)
WHERE (agent_id IS NOT NULL);

COMMENT ON INDEX public.idx_agent_id IS 'WHERE agent_id = ? ORDER BY timestamp DESC LIMIT ?';

--------------------------------------------------------------------------------

CREATE INDEX idx_event_type ON public.coordination_events USING btree (workflow_id, event_type, "timestamp" DESC);

COMMENT ON INDEX public.idx_event_type IS 'WHERE workflow_id = ? AND event_type = ? ORDER BY timestamp DESC LIMIT ?';

--------------------------------------------------------------------------------

CREATE INDEX idx_task_id ON public.coordination_events USING btree (task_id, "timestamp" DESC)
WHERE (task_id IS NOT NULL);

COMMENT ON INDEX public.idx_task_id IS 'WHERE task_id = ? ORDER BY timestamp DESC LIMIT ?';

--------------------------------------------------------------------------------

CREATE INDEX idx_timestamp ON public.coordination_events USING brin ("timestamp");

COMMENT ON INDEX public.idx_timestamp IS 'aggregates over a time range and deletion by age';

--------------------------------------------------------------------------------

CREATE INDEX idx_workflow_id ON public.coordination_events USING btree (workflow_id, "timestamp" DESC);

COMMENT ON INDEX public.idx_workflow_id IS 'WHERE workflow_id = ? ORDER BY timestamp DESC LIMIT ?; deletion by workflow';

--------------------------------------------------------------------------------

ALTER TABLE public.coordination_events
	ADD CONSTRAINT coordination_events_pkey PRIMARY KEY (workflow_id, event_id);
