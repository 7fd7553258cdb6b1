
        UNION ALL SELECT format(' (%%I)', attname), rights.* FROM pg_attribute, aclexplode(attacl) rights
          WHERE attrelid = %s AND NOT attisdropped
