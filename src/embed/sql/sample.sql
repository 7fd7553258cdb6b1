-- A dozen agents to play with, a month of their usage, and three workflows. mvn -Plocal,sample runs this; a second run adds
-- nothing. Their metadata marks them, so they can be removed: delete from agents where metadata -> 'sample' is not null
insert into agents (agent_id, agent_type, name, display_name, category, description, file_path, capabilities, tools, keywords, metadata)
select agent_id, agent_type, name, name, category, description, 'agents/' || agent_type || '.md', string_to_array(capabilities, ', '),
       string_to_array(tools, ', '), string_to_array(keywords, ', '), '{"sample": true}'
from (values
  ('01-database-tuner', 'database-tuner', 'Database Tuner', 'data',
   'Finds out why queries are slow and makes them fast: reads execution plans, proposes indexes, rewrites joins, and sizes the memory of PostgreSQL.',
   'query-optimization, indexing', 'psql, explain', 'sql, postgres, slow query'),
  ('02-schema-migrator', 'schema-migrator', 'Schema Migrator', 'data',
   'Plans changes of database tables that need no downtime: adds columns, backfills in batches, writes the rollback, and checks what each step locks.',
   'migrations, rollback', 'liquibase, psql', 'ddl, zero downtime'),
  ('03-data-analyst', 'data-analyst', 'Data Analyst', 'data',
   'Answers questions about the business from raw numbers: cleans spreadsheets, computes statistics, draws charts, and says how sure the answer is.',
   'statistics, visualization', 'pandas, notebook', 'report, chart, csv'),
  ('04-frontend-builder', 'frontend-builder', 'Frontend Builder', 'web',
   'Builds web pages in React and TypeScript that work on a phone as well as on a wide screen, from a design to components with tests.',
   'components, responsive-design', 'vite, playwright', 'react, css, typescript'),
  ('05-accessibility-reviewer', 'accessibility-reviewer', 'Accessibility Reviewer', 'web',
   'Checks that everybody can use an interface, with a keyboard, a screen reader or low vision, and repairs contrast, focus order and labels.',
   'audit, wcag', 'axe', 'a11y, screen reader, contrast'),
  ('06-api-designer', 'api-designer', 'API Designer', 'backend',
   'Designs REST endpoints that other teams can build on: resources, error responses, pagination, versions, and an OpenAPI description of them.',
   'rest, openapi', 'curl', 'endpoint, http, contract'),
  ('07-security-auditor', 'security-auditor', 'Security Auditor', 'quality',
   'Looks for holes that an attacker could use: injection, stolen sessions, leaked secrets, dependencies with known vulnerabilities.',
   'threat-modeling, penetration-testing', 'semgrep, trivy', 'owasp, cve, password'),
  ('08-test-writer', 'test-writer', 'Test Writer', 'quality',
   'Writes unit and integration tests for code that has none, finds the cases at the edges, and makes tests that fail now and then reliable.',
   'unit-tests, integration-tests', 'pytest, junit', 'coverage, flaky, regression'),
  ('09-incident-responder', 'incident-responder', 'Incident Responder', 'operations',
   'Takes charge when production is down: reads logs and dashboards, finds what changed, restores service first, and writes the account afterwards.',
   'on-call, root-cause', 'grafana, kubectl', 'outage, alert, postmortem'),
  ('10-kubernetes-engineer', 'kubernetes-engineer', 'Kubernetes Engineer', 'operations',
   'Runs containers in clusters: deployments, autoscaling, ingress, Helm charts, and why a pod does not start.',
   'containers, autoscaling', 'kubectl, helm', 'k8s, docker, cluster'),
  ('11-technical-writer', 'technical-writer', 'Technical Writer', 'writing',
   'Writes documentation that a newcomer understands at first reading: guides, references, release notes, and examples that really run.',
   'documentation, editing', 'markdown', 'docs, readme, tutorial'),
  ('12-translator', 'translator', 'Translator', 'writing',
   'Translates texts and user interfaces between languages, keeps terms consistent, and minds plurals, dates and the length of buttons.',
   'localization, terminology', 'gettext', 'i18n, german, japanese')
) sample(agent_id, agent_type, name, category, description, capabilities, tools, keywords)
on conflict do nothing;

insert into agent_dependencies (agent_id, depends_on_agent_id, dependency_type)
select a.id, b.id, type
from (values ('02-schema-migrator', '01-database-tuner', 'recommended'), ('04-frontend-builder', '06-api-designer', 'required'),
             ('04-frontend-builder', '05-accessibility-reviewer', 'optional'), ('09-incident-responder', '10-kubernetes-engineer', 'recommended'))
     needs(agent, other, type)
join agents a on a.agent_id = agent join agents b on b.agent_id = other
on conflict do nothing;

insert into workflow_states (workflow_id, status, created_at, updated_at, started_at, completed_at, variables, metadata)
select workflow_id, status, now() - age, now() - age / 2, now() - age, case when status = 'completed' then now() - age / 2 end,
       jsonb_build_object('goal', goal), '{"sample": true}'
from (values
  ('5a3b1e00-0000-4000-8000-000000000001', 'completed', interval '20 days', 'A faster search page'),
  ('5a3b1e00-0000-4000-8000-000000000002', 'failed', interval '6 days', 'The shop in German'),
  ('5a3b1e00-0000-4000-8000-000000000003', 'running', interval '3 hours', 'Orders by HTTP')) sample(workflow_id, status, age, goal)
on conflict do nothing;

insert into task_states (workflow_id, task_id, agent_id, agent_type, status, dependencies, execution_time)
select '5a3b1e00-0000-4000-8000-00000000000' || workflow, task, a.agent_id, a.agent_type, status, string_to_array(after, ', '),
       case when status in ('completed', 'failed') then 4000 end
from (values
  (1, 'measure', '01-database-tuner', 'completed', ''), (1, 'index', '02-schema-migrator', 'completed', 'measure'),
  (1, 'page', '04-frontend-builder', 'completed', 'index'), (1, 'check', '05-accessibility-reviewer', 'completed', 'page'),
  (2, 'texts', '12-translator', 'completed', ''), (2, 'buttons', '04-frontend-builder', 'failed', 'texts'),
  (2, 'help', '11-technical-writer', 'skipped', 'texts'),
  (3, 'interface', '06-api-designer', 'completed', ''), (3, 'holes', '07-security-auditor', 'running', 'interface'),
  (3, 'tests', '08-test-writer', 'ready', 'interface')) sample(workflow, task, agent, status, after)
join agents a on a.agent_id = agent
on conflict do nothing;

-- Ten to a hundred and twenty invocations an agent: one in eleven failed, one in thirty timed out.
insert into agent_usage (id, agent_id, workflow_id, invoked_at, completed_at, status, response_time_ms, task_description)
select md5('sample ' || a.agent_id || ' ' || n)::uuid, a.id,
       case when n % 4 = 0 then ('5a3b1e00-0000-4000-8000-00000000000' || 1 + n / 4 % 3)::uuid end,
       started, started + ms * interval '1 millisecond',
       case when n % 30 = 29 then 'timeout' when n % 11 = 10 then 'failed' else 'completed' end, ms, 'sample ' || n
from agents a
cross join lateral generate_series(1, 10 * left(a.agent_id, 2)::int) n
cross join lateral (values (now() - n * interval '6 hours', 800 + (n * 7919) % 5000)) invocation(started, ms)
where a.metadata -> 'sample' is not null
on conflict do nothing;

select refresh_agent_statistics();
