CREATE TABLE public.agent_usage (
	id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
	agent_id uuid NOT NULL,
	workflow_id uuid,
	session_id text,
	invoked_at timestamp with time zone DEFAULT now() NOT NULL,
	completed_at timestamp with time zone,
	status text NOT NULL,
	response_time_ms integer,
	task_description text,
	context_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
	error_message text,
	error_code text
);

COMMENT ON TABLE public.agent_usage IS 'Invocations of agents; the source of every metric.';

COMMENT ON COLUMN public.agent_usage.id IS 'Key; RETURNING gives it to the client that finishes the row later.';

COMMENT ON COLUMN public.agent_usage.agent_id IS 'The agent that was invoked.';

COMMENT ON COLUMN public.agent_usage.workflow_id IS 'The workflow that asked for it, if any; no foreign key.';

COMMENT ON COLUMN public.agent_usage.session_id IS 'The client''s session, if it has any.';

COMMENT ON COLUMN public.agent_usage.invoked_at IS 'When it was invoked.';

COMMENT ON COLUMN public.agent_usage.completed_at IS 'When it finished, whatever the outcome; null while in progress.';

COMMENT ON COLUMN public.agent_usage.status IS 'in_progress, then completed, failed or timeout.';

COMMENT ON COLUMN public.agent_usage.response_time_ms IS 'Milliseconds, 0 or more; null where it was not timed.';

COMMENT ON COLUMN public.agent_usage.task_description IS 'What was asked of the agent.';

COMMENT ON COLUMN public.agent_usage.context_metadata IS 'Anything else about the invocation, written by clients.';

COMMENT ON COLUMN public.agent_usage.error_message IS 'What went wrong, for people; null where nothing did.';

COMMENT ON COLUMN public.agent_usage.error_code IS 'What went wrong, for programs; null where nothing did.';

--------------------------------------------------------------------------------

CREATE INDEX agent_usage_agent_id_invoked_at_idx ON public.agent_usage USING btree (agent_id, invoked_at DESC) INCLUDE (workflow_id, status, response_time_ms);

COMMENT ON INDEX public.agent_usage_agent_id_invoked_at_idx IS 'an agent''s latest invocations; the included columns let agent_statistics be refreshed from the index alone';

--------------------------------------------------------------------------------

CREATE INDEX agent_usage_in_progress_idx ON public.agent_usage USING btree (invoked_at)
WHERE (status = 'in_progress'::text);

COMMENT ON INDEX public.agent_usage_in_progress_idx IS 'invocations that never finished: WHERE status = ''in_progress'' AND invoked_at < ?';

--------------------------------------------------------------------------------

CREATE INDEX agent_usage_invoked_at_idx ON public.agent_usage USING brin (invoked_at);

COMMENT ON INDEX public.agent_usage_invoked_at_idx IS 'reports over a time range and deletion by age';

--------------------------------------------------------------------------------

CREATE INDEX agent_usage_workflow_id_idx ON public.agent_usage USING btree (workflow_id)
WHERE (workflow_id IS NOT NULL);

COMMENT ON INDEX public.agent_usage_workflow_id_idx IS 'WHERE workflow_id = ?';

--------------------------------------------------------------------------------

CREATE TRIGGER agent_usage_metrics_delete
	AFTER DELETE ON public.agent_usage
	REFERENCING OLD TABLE AS old_rows 
	FOR EACH STATEMENT
	EXECUTE PROCEDURE public.maintain_agent_metrics();

--------------------------------------------------------------------------------

CREATE TRIGGER agent_usage_metrics_insert
	AFTER INSERT ON public.agent_usage
	REFERENCING NEW TABLE AS new_rows 
	FOR EACH STATEMENT
	EXECUTE PROCEDURE public.maintain_agent_metrics();

--------------------------------------------------------------------------------

CREATE TRIGGER agent_usage_metrics_truncate
	AFTER TRUNCATE ON public.agent_usage
	FOR EACH STATEMENT
	EXECUTE PROCEDURE public.maintain_agent_metrics();

--------------------------------------------------------------------------------

CREATE TRIGGER agent_usage_metrics_update
	AFTER UPDATE ON public.agent_usage
	REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows 
	FOR EACH STATEMENT
	EXECUTE PROCEDURE public.maintain_agent_metrics();

--------------------------------------------------------------------------------

ALTER TABLE public.agent_usage
	ADD CONSTRAINT agent_usage_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE;

--------------------------------------------------------------------------------

ALTER TABLE public.agent_usage
	ADD CONSTRAINT agent_usage_pkey PRIMARY KEY (id);

--------------------------------------------------------------------------------

ALTER TABLE public.agent_usage
	ADD CONSTRAINT agent_usage_response_time_ms_check CHECK ((response_time_ms >= 0));

--------------------------------------------------------------------------------

ALTER TABLE public.agent_usage
	ADD CONSTRAINT agent_usage_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'failed'::text, 'timeout'::text])));
