package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.history.Ids;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Names for the branches and git refs that a home moved when it was the home no longer and did not
 * know. They were acknowledged; so the present home keeps where they pointed, beside its own.
 */
final class TakenOver {
  private static final String PREFIX = "taken-over/";
  private static final String REFS = "refs/";

  private TakenOver() {}

  /**
   * The name under which a branch is kept, as a user can fetch, merge and delete it.
   *
   * @param epoch when the branch was moved
   */
  static String name(String branch, Epoch epoch) {
    return PREFIX + epoch + "/" + branch;
  }

  /**
   * The name under which a git ref is kept: of {@code refs/heads/main} it is {@code
   * refs/taken-over/N/heads/main}, which is no branch, so that it is in nobody's way. One that
   * would be too long is kept under its hash.
   *
   * @param ref the name's bytes in hex
   * @return the same of the other name
   */
  static String gitName(String ref, Epoch epoch) {
    byte[] name = HexFormat.of().parseHex(ref);
    // One char a byte, whatever they are.
    String rest = new String(name, StandardCharsets.ISO_8859_1).substring(REFS.length());
    String kept = REFS + PREFIX + epoch + "/";
    if (kept.length() + rest.length() > RefName.MAX_BYTES) {
      rest = Ids.object(name).hex();
    }
    return HexFormat.of().formatHex((kept + rest).getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A record like one that was moved too late, under that name and of the present epoch. */
  static ObjectNode record(ObjectNode moved, String name, Epoch present) {
    return moved.deepCopy().put("name", name).put("epoch", present.value());
  }
}
