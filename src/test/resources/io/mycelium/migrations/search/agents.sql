insert into agents
  (agent_id, agent_type, name, display_name, category, description, file_path, keywords, embedding)
select n, 'type-' || n, 'agent ' || n, 'a', 'category-' || n % 4, 'does what is asked', 'f', array['keyword-' || n],
  (select array_agg(sin(k * (n % 50 + 1)) + cos(n * k * k)) from generate_series(1, 384) k)::vector
from generate_series(1, 2000) n;

insert into agents (agent_id, agent_type, name, display_name, category, description, file_path, keywords) values
  ('reviewer', 'code-reviewer', 'Reviewer', 'r', 'quality', 'Finds errors in Python programs', 'f',
    '{linting,security}'),
  ('python', 'python-pro', 'Python Pro', 'p', 'languages', 'Writes programs', 'f', '{asyncio}'),
  ('java', 'java-pro', 'Java Pro', 'j', 'languages', 'Writes programs', 'f', '{asyncio}');

analyze agents;
