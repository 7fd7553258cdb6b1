CREATE TABLE public.workflow_state_history (
	workflow_id text NOT NULL,
	version integer NOT NULL,
	state_snapshot jsonb NOT NULL,
	created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.workflow_state_history IS 'Every saved version of every workflow; outlives the workflow.';

COMMENT ON COLUMN public.workflow_state_history.workflow_id IS 'The workflow; no foreign key, as the history outlives it.';

COMMENT ON COLUMN public.workflow_state_history.version IS 'workflow_states.version at that time.';

COMMENT ON COLUMN public.workflow_state_history.state_snapshot IS 'The whole state, tasks included, as the state manager wrote it.';

COMMENT ON COLUMN public.workflow_state_history.created_at IS 'When the version was saved.';

--------------------------------------------------------------------------------

ALTER TABLE public.workflow_state_history
	ADD CONSTRAINT workflow_state_history_pkey PRIMARY KEY (workflow_id, version);
