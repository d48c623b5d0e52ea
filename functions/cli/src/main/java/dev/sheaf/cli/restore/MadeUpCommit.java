package dev.sheaf.cli.restore;

import dev.sheaf.bundle.history.Commit;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/**
 * A git commit for a commit that was not made from git. It follows from the commit alone, so every
 * clone gets the same ids.
 */
final class MadeUpCommit {
  private static final DateTimeFormatter ZONE = DateTimeFormatter.ofPattern("xx");

  private MadeUpCommit() {}

  static byte[] of(Commit commit, ObjectId tree, List<ObjectId> parents) {
    StringBuilder text = new StringBuilder("tree ").append(tree.name()).append('\n');
    for (ObjectId parent : parents) {
      text.append("parent ").append(parent.name()).append('\n');
    }
    String who = identity(commit.author()) + " " + time(commit.committedAt());
    text.append("author ").append(who).append("\ncommitter ").append(who).append("\n\n");
    text.append(commit.message());
    if (!commit.message().endsWith("\n")) {
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** {@code name <address>}, with what git would misread left out. */
  private static String identity(String author) {
    int open = author.indexOf('<');
    int close = author.indexOf('>', open + 1);
    String name = open < 0 ? author : author.substring(0, open);
    String address = open < 0 || close < 0 ? "" : author.substring(open + 1, close);
    String cleanName = clean(name);
    return (cleanName.isEmpty() ? "unknown" : cleanName) + " <" + clean(address) + ">";
  }

  private static String clean(String text) {
    return text.replaceAll("[<>\\x00-\\x1f]", " ").strip();
  }

  private static String time(String committedAt) {
    OffsetDateTime time;
    try {
      time = OffsetDateTime.parse(committedAt);
    } catch (DateTimeException e) {
      time = OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    }
    return Math.max(0, time.toEpochSecond()) + " " + time.format(ZONE);
  }
}
