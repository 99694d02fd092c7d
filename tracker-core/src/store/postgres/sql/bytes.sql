convert_to({column}, pg_catalog.getdatabaseencoding())
