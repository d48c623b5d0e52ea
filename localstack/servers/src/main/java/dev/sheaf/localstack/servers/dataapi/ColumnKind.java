package dev.sheaf.localstack.servers.dataapi;

/** How the Data API answers a column of a Postgres type. */
enum ColumnKind {
  LONG,
  DOUBLE,
  BOOLEAN,
  BLOB,
  TEXT,
  /** A text with a time zone, which the service converts to UTC. */
  ZONED,
  ARRAY;

  /**
   * The kind of a Postgres type.
   *
   * @throws DataApiException for a type that the service does not return
   */
  static ColumnKind of(String type) throws DataApiException {
    if (type.startsWith("_")) {
      return ARRAY;
    }
    return switch (type) {
      case "int2", "int4", "int8", "oid", "serial", "bigserial", "smallserial" -> LONG;
      case "float4", "float8" -> DOUBLE;
      case "bool" -> BOOLEAN;
      case "bytea" -> BLOB;
      case "timestamptz", "timetz" -> ZONED;
      // void: what pg_advisory_lock and its like return.
      case "text",
          "varchar",
          "bpchar",
          "char",
          "name",
          "json",
          "jsonb",
          "uuid",
          "xml",
          "numeric",
          "date",
          "time",
          "timestamp",
          "void" ->
          TEXT;
      default ->
          throw new DataApiException(
              400,
              "UnsupportedResultException",
              "The result contains the unsupported data type " + type + "; cast it to text");
    };
  }
}
