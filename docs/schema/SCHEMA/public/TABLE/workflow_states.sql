CREATE TABLE public.workflow_states (
	workflow_id text NOT NULL,
	status text NOT NULL,
	created_at timestamp with time zone DEFAULT now() NOT NULL,
	updated_at timestamp with time zone DEFAULT now() NOT NULL,
	started_at timestamp with time zone,
	completed_at timestamp with time zone,
	variables jsonb DEFAULT '{}'::jsonb NOT NULL,
	metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
	error text,
	version integer DEFAULT 1 NOT NULL
);

COMMENT ON TABLE public.workflow_states IS 'The current state of each workflow, upserted by the state manager.';

COMMENT ON COLUMN public.workflow_states.workflow_id IS 'Identifier that the state manager gave the workflow.';

COMMENT ON COLUMN public.workflow_states.status IS 'pending, running, paused, completed, failed or cancelled.';

COMMENT ON COLUMN public.workflow_states.created_at IS 'When the workflow was created.';

COMMENT ON COLUMN public.workflow_states.updated_at IS 'When it was last saved.';

COMMENT ON COLUMN public.workflow_states.started_at IS 'When it began to run; null before.';

COMMENT ON COLUMN public.workflow_states.completed_at IS 'When it ended, whatever the outcome; null before.';

COMMENT ON COLUMN public.workflow_states.variables IS 'The workflow''s variables.';

COMMENT ON COLUMN public.workflow_states.metadata IS 'Anything else about the workflow.';

COMMENT ON COLUMN public.workflow_states.error IS 'Why it failed; null where it did not.';

COMMENT ON COLUMN public.workflow_states.version IS 'Counts the saves, from 1; workflow_state_history keeps each.';

--------------------------------------------------------------------------------

CREATE INDEX workflow_states_status_updated_at_idx ON public.workflow_states USING btree (status, updated_at DESC);

COMMENT ON INDEX public.workflow_states_status_updated_at_idx IS 'WHERE status = ? ORDER BY updated_at DESC LIMIT ?';

--------------------------------------------------------------------------------

ALTER TABLE public.workflow_states
	ADD CONSTRAINT workflow_states_pkey PRIMARY KEY (workflow_id);

--------------------------------------------------------------------------------

ALTER TABLE public.workflow_states
	ADD CONSTRAINT workflow_states_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'paused'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])));
