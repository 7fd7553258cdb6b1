CREATE TABLE public.agent_dependencies (
	id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
	agent_id uuid NOT NULL,
	depends_on_agent_id uuid NOT NULL,
	dependency_type text NOT NULL,
	created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.agent_dependencies IS 'Which agent needs which other one.';

COMMENT ON COLUMN public.agent_dependencies.id IS 'Key.';

COMMENT ON COLUMN public.agent_dependencies.agent_id IS 'The agent that needs the other one.';

COMMENT ON COLUMN public.agent_dependencies.depends_on_agent_id IS 'The agent that is needed.';

COMMENT ON COLUMN public.agent_dependencies.dependency_type IS 'How badly: required, optional or recommended.';

COMMENT ON COLUMN public.agent_dependencies.created_at IS 'When the dependency was recorded.';

--------------------------------------------------------------------------------

CREATE INDEX agent_dependencies_depends_on_agent_id_idx ON public.agent_dependencies USING btree (depends_on_agent_id);

COMMENT ON INDEX public.agent_dependencies_depends_on_agent_id_idx IS 'who depends on this agent; its deletion cascades through here';

--------------------------------------------------------------------------------

ALTER TABLE public.agent_dependencies
	ADD CONSTRAINT agent_dependencies_agent_id_depends_on_agent_id_key UNIQUE (agent_id, depends_on_agent_id);

--------------------------------------------------------------------------------

ALTER TABLE public.agent_dependencies
	ADD CONSTRAINT agent_dependencies_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE;

--------------------------------------------------------------------------------

ALTER TABLE public.agent_dependencies
	ADD CONSTRAINT agent_dependencies_dependency_type_check CHECK ((dependency_type = ANY (ARRAY['required'::text, 'optional'::text, 'recommended'::text])));

--------------------------------------------------------------------------------

ALTER TABLE public.agent_dependencies
	ADD CONSTRAINT agent_dependencies_depends_on_agent_id_fkey FOREIGN KEY (depends_on_agent_id) REFERENCES public.agents(id) ON DELETE CASCADE;

--------------------------------------------------------------------------------

ALTER TABLE public.agent_dependencies
	ADD CONSTRAINT agent_dependencies_not_itself_check CHECK ((agent_id <> depends_on_agent_id));

--------------------------------------------------------------------------------

ALTER TABLE public.agent_dependencies
	ADD CONSTRAINT agent_dependencies_pkey PRIMARY KEY (id);
