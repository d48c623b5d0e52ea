package dev.sheaf.repository.history;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.repository.column.Packed;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The column {@code record} of a commit: all of it, so that a read needs no other column. */
final class CommitColumn {
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private CommitColumn() {}

  static byte[] encode(Commit commit) {
    // Not List.of: the snapshot may be null.
    return Packed.encode(
        Arrays.asList(
            commit.commitId(),
            commit.snapshotId(),
            commit.parentIds(),
            commit.message(),
            commit.committedAt(),
            commit.author(),
            commit.branch(),
            commit.metaBytes()));
  }

  static Commit decode(byte[] record) {
    List<?> values = Packed.decode(record, "a commit's record");
    return new Commit(
        (String) values.get(0),
        (String) values.get(1),
        (String) values.get(3),
        (String) values.get(4),
        ((List<?>) values.get(2)).stream().map(String.class::cast).toList(),
        (String) values.get(5),
        (String) values.get(6),
        PackedMap.ofBytes((byte[]) values.get(7)));
  }

  /** The time in a form that Postgres takes; null when the text is no time. */
  static @Nullable String timestamp(String committedAt) {
    try {
      OffsetDateTime time = OffsetDateTime.parse(committedAt);
      return time.getYear() > 0 && time.getYear() < 10_000 ? time.toInstant().toString() : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** A text for people: one line, at most 200 characters. */
  static String shortened(String text) {
    String line = CONTROL.matcher(text.lines().findFirst().orElse("")).replaceAll(" ");
    int end = Math.min(line.length(), 200);
    return line.substring(
        0, end > 0 && Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end);
  }
}
