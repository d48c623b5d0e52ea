package dev.sheaf.storage.counting;

/** What a request to S3 or to the catalog does; S3 bills by these. */
public enum RequestKind {
  S3_PUT,
  S3_GET,
  S3_HEAD,
  S3_LIST,
  S3_DELETE,
  CATALOG_STATEMENT,
  CATALOG_BEGIN,
  CATALOG_COMMIT,
  CATALOG_ROLLBACK;

  /** The name in reports: {@code s3_put}. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
