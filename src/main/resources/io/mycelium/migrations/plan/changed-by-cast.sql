select cast(cast(value as %2$s) as %1$s)::text is distinct from value::text from (select cast(? as %1$s)) given(value)
