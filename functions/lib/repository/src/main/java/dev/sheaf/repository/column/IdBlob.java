package dev.sheaf.repository.column;

import dev.sheaf.bundle.ContentId;
import java.util.Arrays;
import java.util.List;

/**
 * Object ids as one parameter: their raw bytes one after the other, a third of the size of an array
 * of hex texts and the fastest form to take apart.
 */
public final class IdBlob {
  /** As many ids as one statement takes at most: their base64 is half of a request. */
  public static final int MAX_IDS = 48_000;

  /**
   * The ids of the parameter {@code :ids} as rows {@code (object_id, n)}, n counting from 0; to
   * stand after {@code from}.
   */
  public static final String ROWS = rows("ids");

  private IdBlob() {}

  /** {@link #ROWS} of another parameter. */
  public static String rows(String parameter) {
    return """
    (select encode(substr(:%1$s::bytea, 32 * n + 1, 32), 'hex') collate "C" as object_id, n
     from generate_series(0, octet_length(:%1$s::bytea) / 32 - 1) as n) ids\
    """
        .formatted(parameter);
  }

  public static byte[] of(List<ContentId> ids) {
    byte[] blob = new byte[ids.size() * ContentId.LENGTH];
    int at = 0;
    for (ContentId id : ids) {
      System.arraycopy(id.toBytes(), 0, blob, at, ContentId.LENGTH);
      at += ContentId.LENGTH;
    }
    return blob;
  }

  /** The id at a position of a blob. */
  public static ContentId get(byte[] blob, int index) {
    int from = index * ContentId.LENGTH;
    return ContentId.ofBytes(Arrays.copyOfRange(blob, from, from + ContentId.LENGTH));
  }
}
