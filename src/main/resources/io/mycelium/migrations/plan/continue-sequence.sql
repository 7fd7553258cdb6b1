SELECT setval(pg_get_serial_sequence('%1$s', '%2$s'), max(%3$s)) FROM %4$s HAVING max(%3$s) IS NOT NULL
