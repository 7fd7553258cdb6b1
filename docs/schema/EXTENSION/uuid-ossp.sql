CREATE EXTENSION "uuid-ossp" SCHEMA public;
