CREATE TABLE public.agents (
	id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
	agent_id text NOT NULL,
	agent_type text NOT NULL,
	name text NOT NULL,
	display_name text NOT NULL,
	category text NOT NULL,
	description text NOT NULL,
	file_path text NOT NULL,
	capabilities text[] DEFAULT '{}'::text[] NOT NULL,
	tools text[] DEFAULT '{}'::text[] NOT NULL,
	keywords text[] DEFAULT '{}'::text[] NOT NULL,
	embedding public.vector(384),
	estimated_tokens integer,
	metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
	finished_count bigint DEFAULT 0 NOT NULL,
	completed_count bigint DEFAULT 0 NOT NULL,
	timed_count bigint DEFAULT 0 NOT NULL,
	response_time_ms_sum bigint DEFAULT 0 NOT NULL,
	usage_count integer DEFAULT 0 NOT NULL,
	success_rate numeric(5,2),
	avg_response_time_ms integer,
	created_at timestamp with time zone DEFAULT now() NOT NULL,
	updated_at timestamp with time zone DEFAULT now() NOT NULL,
	last_used_at timestamp with time zone,
	embedding_of bytea
)
WITH (fillfactor='50');

COMMENT ON TABLE public.agents IS 'Agents that can be found and invoked. Clients write the description, triggers the metrics.';

COMMENT ON COLUMN public.agents.id IS 'Key that other tables refer to; agent_id is the name that people use.';

COMMENT ON COLUMN public.agents.agent_id IS 'Stable identifier, such as 01-core-backend-developer.';

COMMENT ON COLUMN public.agents.agent_type IS 'Type, such as backend-developer; unique.';

COMMENT ON COLUMN public.agents.name IS 'Name of the agent.';

COMMENT ON COLUMN public.agents.display_name IS 'Name as it is shown to people.';

COMMENT ON COLUMN public.agents.category IS 'Group that the agent is listed under.';

COMMENT ON COLUMN public.agents.description IS 'What the agent does; what the embedding and the text search are made of.';

COMMENT ON COLUMN public.agents.file_path IS 'Where the agent is defined, in the plugin''s folder.';

COMMENT ON COLUMN public.agents.capabilities IS 'What the agent can do.';

COMMENT ON COLUMN public.agents.tools IS 'Tools that the agent may call.';

COMMENT ON COLUMN public.agents.keywords IS 'Words that it shall be found by.';

COMMENT ON COLUMN public.agents.embedding IS 'Embedding of the description by all-MiniLM-L6-v2; null until computed.';

COMMENT ON COLUMN public.agents.estimated_tokens IS 'Length of the definition in tokens, estimated.';

COMMENT ON COLUMN public.agents.metadata IS 'Anything else about the agent, written by clients.';

COMMENT ON COLUMN public.agents.finished_count IS 'Invocations completed, failed or timed out. Kept by maintain_agent_metrics.';

COMMENT ON COLUMN public.agents.completed_count IS 'Invocations completed. Kept by maintain_agent_metrics.';

COMMENT ON COLUMN public.agents.timed_count IS 'Finished invocations that have a response time. Kept by maintain_agent_metrics.';

COMMENT ON COLUMN public.agents.response_time_ms_sum IS 'Sum of those response times, milliseconds. Kept by maintain_agent_metrics.';

COMMENT ON COLUMN public.agents.usage_count IS 'Finished invocations, from finished_count. Kept by maintain_agent_metrics.';

COMMENT ON COLUMN public.agents.success_rate IS 'Completed of finished invocations, percent, half up; null until one has finished. Kept by maintain_agent_metrics.';

COMMENT ON COLUMN public.agents.avg_response_time_ms IS 'Mean response time of finished invocations, milliseconds, rounded; null until one was timed. Kept by maintain_agent_metrics.';

COMMENT ON COLUMN public.agents.created_at IS 'When the agent was registered.';

COMMENT ON COLUMN public.agents.updated_at IS 'When someone last edited the agent; a metric or an embedding that moves does not count.';

COMMENT ON COLUMN public.agents.last_used_at IS 'Latest completion among finished invocations. Kept by maintain_agent_metrics.';

COMMENT ON COLUMN public.agents.embedding_of IS 'SHA-256 of the description that embedding was computed from; null where that is unknown, or no embedding is there. Kept by note_embedding_of.';

--------------------------------------------------------------------------------

CREATE INDEX agents_capabilities_idx ON public.agents USING gin (capabilities);

COMMENT ON INDEX public.agents_capabilities_idx IS 'WHERE capabilities @> ?';

--------------------------------------------------------------------------------

CREATE INDEX agents_category_name_idx ON public.agents USING btree (category, name);

COMMENT ON INDEX public.agents_category_name_idx IS 'WHERE category = ? ORDER BY name; count by category; distinct categories';

--------------------------------------------------------------------------------

CREATE INDEX agents_document_idx ON public.agents USING gin (public.agent_document(name, agent_type, keywords, description));

COMMENT ON INDEX public.agents_document_idx IS 'search_agents_by_text()';

--------------------------------------------------------------------------------

CREATE INDEX agents_embedding_idx ON public.agents USING hnsw (embedding public.vector_cosine_ops)
WITH (ef_construction='64', m='16');

COMMENT ON INDEX public.agents_embedding_idx IS 'ORDER BY embedding <=> ? LIMIT ?; cosine, as all-MiniLM-L6-v2 is compared';

--------------------------------------------------------------------------------

CREATE INDEX agents_name_idx ON public.agents USING btree (name);

COMMENT ON INDEX public.agents_name_idx IS 'all agents ORDER BY name LIMIT ? OFFSET ?';

--------------------------------------------------------------------------------

CREATE INDEX agents_tools_idx ON public.agents USING gin (tools);

COMMENT ON INDEX public.agents_tools_idx IS 'WHERE tools @> ?';

--------------------------------------------------------------------------------

CREATE TRIGGER agents_note_embedding_of
	BEFORE INSERT OR UPDATE OF embedding ON public.agents
	FOR EACH ROW
	EXECUTE PROCEDURE public.note_embedding_of();

--------------------------------------------------------------------------------

CREATE TRIGGER agents_touch_updated_at
	BEFORE UPDATE OF agent_id, agent_type, name, display_name, category, description, file_path, capabilities, tools, keywords, estimated_tokens, metadata ON public.agents
	FOR EACH ROW
	EXECUTE PROCEDURE public.touch_updated_at();

--------------------------------------------------------------------------------

ALTER TABLE public.agents
	ADD CONSTRAINT agents_agent_id_key UNIQUE (agent_id);

--------------------------------------------------------------------------------

ALTER TABLE public.agents
	ADD CONSTRAINT agents_agent_type_key UNIQUE (agent_type);

--------------------------------------------------------------------------------

ALTER TABLE public.agents
	ADD CONSTRAINT agents_metrics_check CHECK (((completed_count >= 0) AND (completed_count <= finished_count) AND (timed_count >= 0) AND (timed_count <= finished_count) AND (response_time_ms_sum >= 0) AND (usage_count >= 0) AND (success_rate >= (0)::numeric) AND (success_rate <= (100)::numeric)));

--------------------------------------------------------------------------------

ALTER TABLE public.agents
	ADD CONSTRAINT agents_pkey PRIMARY KEY (id);
