CREATE TABLE public.task_states (
	workflow_id text NOT NULL,
	task_id text NOT NULL,
	agent_id text NOT NULL,
	agent_type text NOT NULL,
	status text NOT NULL,
	started_at timestamp with time zone,
	completed_at timestamp with time zone,
	execution_time double precision,
	result jsonb,
	error jsonb,
	retry_count integer DEFAULT 0 NOT NULL,
	dependencies text[] DEFAULT '{}'::text[] NOT NULL
);

COMMENT ON TABLE public.task_states IS 'The current state of each task of a workflow.';

COMMENT ON COLUMN public.task_states.workflow_id IS 'The workflow that the task is part of.';

COMMENT ON COLUMN public.task_states.task_id IS 'Identifier of the task within its workflow.';

COMMENT ON COLUMN public.task_states.agent_id IS 'agents.agent_id of the agent that runs it; no foreign key, as agents come and go.';

COMMENT ON COLUMN public.task_states.agent_type IS 'agents.agent_type of that agent.';

COMMENT ON COLUMN public.task_states.status IS 'pending, ready, running, completed, failed, skipped or retrying.';

COMMENT ON COLUMN public.task_states.started_at IS 'When it began to run; null before.';

COMMENT ON COLUMN public.task_states.completed_at IS 'When it ended, whatever the outcome; null before.';

COMMENT ON COLUMN public.task_states.execution_time IS 'Milliseconds.';

COMMENT ON COLUMN public.task_states.result IS 'What the agent returned.';

COMMENT ON COLUMN public.task_states.error IS 'Why it failed; null where it did not.';

COMMENT ON COLUMN public.task_states.retry_count IS 'How often it was tried again, from 0.';

COMMENT ON COLUMN public.task_states.dependencies IS 'task_id of each task of this workflow that must finish first.';

--------------------------------------------------------------------------------

ALTER TABLE public.task_states
	ADD CONSTRAINT task_states_pkey PRIMARY KEY (workflow_id, task_id);

--------------------------------------------------------------------------------

ALTER TABLE public.task_states
	ADD CONSTRAINT task_states_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'ready'::text, 'running'::text, 'completed'::text, 'failed'::text, 'skipped'::text, 'retrying'::text])));

--------------------------------------------------------------------------------

ALTER TABLE public.task_states
	ADD CONSTRAINT task_states_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES public.workflow_states(workflow_id) ON DELETE CASCADE;
