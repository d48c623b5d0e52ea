package dev.sheaf.repository.history;

/** Which objects repositories name, in SQL: one that they may read, or are about to. */
public final class ObjectNames {
  private ObjectNames() {}

  /**
   * Whether any repository names an object.
   *
   * @param objectId a column
   */
  static String isNamed(String objectId) {
    return """
    (exists (select from object_refs named where named.object_id = %1$s)
      or exists (select from object_proofs named where named.object_id = %1$s))\
    """
        .formatted(objectId);
  }

  /**
   * Notes objects that a repository names no longer, in the statement that takes the names away;
   * {@link UnnamedObjects} looks whether another one does.
   *
   * @param from what stands after {@code from}; it has a column {@code object_id}
   */
  public static String dropped(String from) {
    return "insert into dropped_names (object_id) select object_id from " + from;
  }
}
